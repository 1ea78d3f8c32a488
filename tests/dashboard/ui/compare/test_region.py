"""A region of interest: drawn, typed, in the address, and kept with the runs about its picture."""

import pytest

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
