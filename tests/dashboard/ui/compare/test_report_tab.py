"""The tab from which a comparison is taken away."""

from tests.dashboard.pages import sentences


def test_it_says_what_the_report_holds_and_offers_it(visit, stored):
    name = stored()
    app = visit("compare", runs=name, show="Report", at="4")
    assert "their maps (layer 4)" in sentences(app) and "the drawn region" not in sentences(app)
    (button,) = [one for one in app.get("download_button") if one.proto.label == "Report HTML"]
    assert not button.proto.disabled
    app = visit("compare", runs=name, show="Report", region="0,0;0.5,1")
    assert "their maps (combined map)" in sentences(app) and "the drawn region among them" in sentences(app)
