"""Going through the layers, one by one and as a film."""

import pytest

from dashboard.loaded_run import LoadedRun
from dashboard.session import state
from dashboard.session.keys import ViewKey
from dashboard.ui.viewer import scrubber
from tests.clocks import hold
from tests.dashboard.pages import titles


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
    run = LoadedRun(explain(ask(layers=tuple(range(8))).request), ask().chosen)
    now = hold(monkeypatch, scrubber).monotonic()
    session = state.Session(film=state.Film(run.id, 2, now - age, since=1))
    monkeypatch.setattr(scrubber.st, "session_state", {ViewKey.LAYER: layer, "session": session})
    monkeypatch.setattr(scrubber, "PACE", 1.0)  # after three seconds, layers 2 to 5 have been shown
    scrubber.slid(run)
    assert (session.film is not None) == goes_on
