"""A region of interest: drawn, typed, in the address, and kept with the runs about its picture."""

from types import SimpleNamespace

import pytest

from core.analysis.regions import Region
from dashboard.ui.compare import region
from tests.dashboard.pages import sentences


def test_a_bad_region_is_one_sentence_and_leaves_the_address(visit, stored):
    app = visit("compare", runs=stored(), region="<b>0,0;9,9")
    assert "The region in the address cannot be used" in sentences(app) and "<b>" not in sentences(app)
    assert "region" not in app.query_params


def test_without_a_region_it_says_how_to_draw_one(visit, stored):
    app = visit("compare", runs=stored(), show="Region")
    assert "Draw a region" in sentences(app)
    app = visit("compare", runs=stored(), show="Region", region="0,0;0.5,0.5")
    app.button(key="region-remove").click().run()
    assert "region" not in app.query_params and "Draw a region" in sentences(app)


def test_corners_can_be_typed_and_a_removed_region_used_again(visit, stored):
    app = visit("compare", runs=stored(), show="Region")
    app.text_input(key="region-corners-").set_value("0.1,0.2;0.5,0.8").run()
    assert app.query_params["region"] == "0.100,0.200;0.500,0.800"
    app.button(key="region-remove").click().run()
    assert "region" not in app.query_params
    app.button(key="region-again").click().run()
    assert app.query_params["region"] == "0.100,0.200;0.500,0.800"


def test_a_region_is_kept_with_every_run_about_its_picture_for_whoever_comes(visit, stored, storage):
    first, second, third = (stored(prompt=prompt) for prompt in ("one", "two", "three"))
    visit("compare", runs=f"{first},{second}", show="Region", region="0,0;0.5,0.5")
    assert [storage.runs.get(name).region for name in (first, second, third)] == [*["0.000,0.000;0.500,0.500"] * 2, ""]
    stored(prompt="one")  # running again keeps it
    other = visit("compare", runs=first, show="Region")
    other.button(key="region-again").click().run()
    assert other.query_params["region"] == "0.000,0.000;0.500,0.500"
    assert not any(
        (button.key or "") == "region-again" for button in visit("compare", runs=third, show="Region").button
    )


@pytest.mark.parametrize("typed", ["nonsense", "0,0;7,7", "0,0;0,1"])
def test_typed_nonsense_is_one_sentence_and_changes_nothing(visit, stored, typed):
    app = visit("compare", runs=stored(), show="Region")
    app.text_input(key="region-corners-").set_value(typed).run()
    assert len(app.warning) == 1 and "region" not in app.query_params
    app.run()
    assert not app.warning


def drawn(monkeypatch, selection):
    """The region that a drawing on the canvas puts into the address; None for none."""
    page = SimpleNamespace(session_state={"region-canvas": {"selection": selection}}, query_params={})
    monkeypatch.setattr(region, "st", page)
    region._drawn()
    return page.query_params.get("region")


def test_a_drawn_box_is_cut_to_the_picture_and_rounded(monkeypatch):
    assert drawn(monkeypatch, {"box": [{"x": [0.8, 0.20049], "y": [0.1, 1.7]}]}) == "0.200,0.100;0.800,1.000"


def test_a_drawn_lasso_is_a_polygon(monkeypatch):
    said = drawn(monkeypatch, {"lasso": [{"x": [0.1, 0.9, 0.5], "y": [0.1, 0.1, 0.8]}]})
    assert Region.from_text(said).corners == ((0.1, 0.1), (0.9, 0.1), (0.5, 0.8))


@pytest.mark.parametrize(
    "selection",
    [{}, {"box": [], "lasso": []}, {"box": [{"x": [0.3, 0.3], "y": [0.1, 0.9]}]}, {"box": [{"x": ["a", 1]}]}],
)
def test_what_encloses_nothing_is_no_region(monkeypatch, selection):
    assert drawn(monkeypatch, selection) is None


def test_one_draws_on_one_run_for_each_picture():
    runs = [
        SimpleNamespace(letter=letter, run=SimpleNamespace(request=SimpleNamespace(image=image)))
        for letter, image in zip("ABC", ("cat", "cat", "cat"), strict=True)
    ]
    assert region._choose_canvas(runs) is runs[0]
