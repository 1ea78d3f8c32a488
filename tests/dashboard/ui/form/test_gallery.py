"""The gallery of sample scenes: a click puts a picture and its question into the form."""

import pytest

from dashboard.session.keys import FormKey
from dashboard.ui.sample_scenes import scenes
from tests.dashboard.pages import texts


@pytest.mark.parametrize("number", [0, 4])
def test_a_scene_comes_into_the_form_with_its_question(visit, number):
    app = visit("compute")
    assert {scene.question for scene in scenes()} <= set(texts(app))
    app.button(key=f"start-use-{number}").click().run()
    assert app.text_area(key=FormKey.PROMPT).value == scenes()[number].question
    assert scenes()[number].chosen.name in texts(app)


def test_the_dialog_closes_when_one_is_taken(visit, stored):
    app = visit("compute", run=stored())
    assert not any((button.key or "").startswith("start-use") for button in app.button)
    app.button(key="open-gallery").click().run()
    app.button(key="dialog-use-1").click().run()
    assert not any((button.key or "").startswith("dialog-use") for button in app.button)
    assert app.text_area(key=FormKey.PROMPT).value == scenes()[1].question and "Sample scene 2" in texts(app)
