"""Every control of the view: what it changes on the page, in the address, and in the pictures."""

import numpy as np
import pytest

from dashboard import scrubber, services, state, tiles
from dashboard.shown_run import ShownRun
from dashboard.view_controls import PANES
from dashboard.viewing import View
from tests.clocks import hold


def titles(app):
    return [element.value for element in app.markdown]


def test_the_panes_are_chosen_and_one_always_remains(visit, stored):
    app = visit("compute", run=stored())
    assert "**Picture**" not in titles(app)
    app.segmented_control(key="panes").set_value(["picture"]).run()
    assert "**Picture**" in titles(app) and not any("Raw heat" in title for title in titles(app))
    app.segmented_control(key="panes").set_value([]).run()
    assert "**Combined map** over the picture" in titles(app) and not app.exception
    app = visit("compute", run=stored(), panes=list(PANES))
    assert app.segmented_control(key="panes").value == list(PANES)


def test_the_threshold_comes_from_the_address_and_colours_less(visit, stored, ask, explain, chosen):
    app = visit("compute", run=stored(), threshold="60")
    assert app.slider(key="threshold").value == 60
    result = explain(ask().request)
    drawn = View(layer=7, threshold=0.6).draw(chosen.picture.pixels, result, 7)
    changed = (drawn != chosen.picture.pixels).any(-1)
    assert changed[:, -10:].all() and not changed[:, :30].any()


def test_on_a_common_scale_only_layers_share_it(ask, explain, chosen):
    result = explain(ask().request)
    own, common = View(layer=2), View(layer=2, maximum=float(result.heat.max()))
    pixels = chosen.picture.pixels
    assert np.array_equal(own.draw(pixels, result, 7), common.draw(pixels, result, 7))
    assert not np.array_equal(own.draw(pixels, result, 2), common.draw(pixels, result, 2))
    assert common.top(None) is None


def test_buttons_go_one_layer_back_and_on(visit, stored):
    app = visit("compute", run=stored(), layer="6")
    app.button(key="layer-on").click().run()
    assert app.select_slider(key="layer").value == 7 and app.button(key="layer-on").disabled
    app.button(key="layer-back").click().run()
    app.button(key="layer-back").click().run()
    assert app.select_slider(key="layer").value == 5
    assert app.query_params["layer"] == "5"
    assert visit("compute", run=stored(), layer="0").button(key="layer-back").disabled


def test_a_run_of_one_layer_has_no_scrubber(visit, stored):
    app = visit("compute", run=stored(layers=(3,)), layer="3")
    assert "**Layer 3** over the picture" in titles(app)
    assert "layer-on" not in [button.key for button in app.button]


def test_a_film_goes_on_by_itself_pauses_and_ends_at_the_last_layer(visit, stored, monkeypatch):
    clock = hold(monkeypatch, scrubber)
    app = visit("compute", run=stored(), layer="3")
    app.button(key="layer-play").click().run()
    assert app.button(key="layer-play").label == "Pause"
    clock.forward(2.5 * scrubber.PACE)
    app.run()
    assert app.select_slider(key="layer").value == 5
    app.button(key="layer-play").click().run()
    clock.forward(2.5 * scrubber.PACE)
    app.run()
    assert app.select_slider(key="layer").value == 5

    app.button(key="layer-play").click().run()
    clock.forward(99 * scrubber.PACE)
    app.run()
    assert app.select_slider(key="layer").value == 7
    assert app.button(key="layer-play").label == "Play"
    app.button(key="layer-play").click().run()  # from the beginning
    assert app.select_slider(key="layer").value == 0


def test_moving_the_slider_or_leaving_the_layers_ends_a_film(visit, stored, monkeypatch):
    hold(monkeypatch, scrubber)
    app = visit("compute", run=stored(), layer="0")
    app.button(key="layer-play").click().run()
    app.select_slider(key="layer").set_value(6).run()
    assert app.select_slider(key="layer").value == 6 and app.session_state["session"].film is None
    app.button(key="layer-play").click().run()
    app.segmented_control(key="map").set_value("combined").run()
    assert app.session_state["session"].film is None and not app.exception


def test_tiles_hold_every_layer_as_the_view_draws_it(visit, stored):
    app = visit("compute", run=stored())
    run = services.open_run(app.query_params["run"])
    drawn = tiles.tiles_of(run, View(layer=None))
    assert [tile["layer"] for tile in drawn["tiles"]] == list(range(8)) and drawn["word"] == "layer"
    assert all(tile["picture"].startswith("data:image/jpeg;base64,") for tile in drawn["tiles"])
    assert tiles.tiles_of(run, View(layer=5)) == drawn  # nothing is sent again for another layer
    assert tiles.tiles_of(run, View(layer=None, maximum=99.0)) != drawn


@pytest.mark.parametrize("sent", [None, "3", 99, -1, True, 3.0, [3]])
def test_what_no_tile_sends_changes_nothing(sent, monkeypatch, ask, explain, chosen):
    run = ShownRun(explain(ask(layers=(0, 3)).request), chosen)
    monkeypatch.setattr(tiles.st, "session_state", {"tiles": {"layer": sent}})
    monkeypatch.setattr(scrubber, "go_to", lambda layer: pytest.fail("it went somewhere"))
    tiles._chosen(run)


def test_a_blank_map_is_said_to_be_blank(visit, stored, monkeypatch):
    monkeypatch.setattr(View, "heat", lambda view, result: np.zeros((2, 3)))
    app = visit("compute", run=stored())
    assert any("zero everywhere" in info.value for info in app.info)


@pytest.mark.parametrize(
    ("layer", "age", "goes_on"),
    [
        (2, 3.0, True),  # shown a moment ago: a browser still names it
        (1, 0.0, True),  # shown by the film before, that was paused: the click on Play brought it along
        (7, 3.0, False),  # nobody but a person can have chosen these
        (0, 3.0, False),
    ],
)
def test_a_film_is_stopped_by_people_and_not_by_itself(layer, age, goes_on, ask, explain, monkeypatch):
    run = ShownRun(explain(ask(layers=tuple(range(8))).request), ask().chosen)
    now = hold(monkeypatch, scrubber).monotonic()
    here = state.Session(film=state.Film(run.id, 2, now - age, since=1))
    monkeypatch.setattr(scrubber.st, "session_state", {state.View.LAYER: layer, "session": here})
    monkeypatch.setattr(scrubber, "PACE", 1.0)  # after three seconds, layers 2 to 5 have been shown
    scrubber.slid(run)
    assert (here.film is not None) == goes_on
