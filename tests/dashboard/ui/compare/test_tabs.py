"""The tabs of Compare and what the address says of them."""

import pytest

from tests.dashboard.pages import sentences


@pytest.mark.parametrize("params", [{"statistic": "<b>", "baseline": "Z", "at": "99", "show": "x", "lines": "?"}])
def test_nonsense_in_the_address_gives_the_usual_view(visit, stored, params):
    app = visit("compare", runs=stored(), **params)
    assert "**A**, combined map" in sentences(app)
    assert app.selectbox(key="statistic").value == "entropy"


@pytest.mark.parametrize("tab", ["Stages", "Layer by layer", "Film", "Region", "A against B", "Report"])
def test_every_view_has_an_address_and_stands_runs_without_layers(visit, stored, tab):
    names = [stored(method="tam", layers=()), stored(method="tam", layers=(), prompt="again?")]
    app = visit("compare", runs=",".join(names), show=tab, region="0,0;0.5,1")
    assert not app.exception
    app = visit("compare", runs=stored(), show=tab)
    assert not app.exception
