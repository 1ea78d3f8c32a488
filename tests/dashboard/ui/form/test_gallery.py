"""The gallery of sample scenes: a click asks about one."""

import pytest

from dashboard import resources
from dashboard.session.keys import FormKey
from dashboard.ui.sample_scenes import scenes
from tests.dashboard.pages import shows_result, texts


@pytest.mark.parametrize("number", [0, 4])
def test_a_click_asks_about_a_scene(visit, number, without_model, wait_until):
    app = visit("compute")
    assert {scene.question for scene in scenes()} <= set(texts(app))
    app.button(key=f"start-use-{number}").click().run()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    ((asked, _),) = without_model.asked
    assert (asked[0].image, asked[0].prompt) == (scenes()[number].chosen.digest, scenes()[number].question)
    assert app.text_area(key=FormKey.PROMPT).value == scenes()[number].question
    assert scenes()[number].chosen.name in texts(app) and shows_result(app)


def test_what_else_stands_in_the_form_is_asked(visit, without_model, wait_until):
    app = visit("compute")
    app.selectbox(key=FormKey.SAMPLES).set_value("Quick 4").run()
    app.button(key="start-use-1").click().run()
    wait_until(lambda: not resources.jobs().active())
    assert [requests[0].num_samples for requests, _ in without_model.asked] == [4]


def test_what_was_asked_before_is_shown_at_once(visit, without_model, wait_until):
    visit("compute").button(key="start-use-1").click().run()
    wait_until(lambda: not resources.jobs().active())
    app = visit("compute")
    app.button(key="start-use-1").click().run()
    assert shows_result(app) and len(without_model.asked) == 1


def test_the_dialog_closes_and_its_scene_is_asked_about(visit, stored, without_model, wait_until):
    app = visit("compute", run=stored())
    assert not any((button.key or "").startswith("start-use") for button in app.button)
    app.button(key="open-gallery").click().run()
    app.button(key="dialog-use-1").click().run()
    wait_until(lambda: not resources.jobs().active())
    app.run()
    assert not any((button.key or "").startswith("dialog-use") for button in app.button)
    assert app.text_area(key=FormKey.PROMPT).value == scenes()[1].question and "Sample scene 2" in texts(app)
    assert [requests[0].image for requests, _ in without_model.asked] == [scenes()[1].chosen.digest]
