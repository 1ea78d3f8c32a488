"""The fields of the form: what they hold, and what comes of it."""

import pytest

from dashboard.session.keys import FormKey
from tests.dashboard.pages import fill_in, texts


def test_the_form_outlives_a_visit_to_another_page(visit):
    app = visit("compute")
    fill_in(app, 1)
    app.text_area(key=FormKey.PROMPT).set_value("my question")
    app.number_input(key=FormKey.NOISE).set_value(0.4).run()
    app.switch_page("app_pages/history.py").run()
    app.switch_page("app_pages/compute.py").run()
    assert app.text_area(key=FormKey.PROMPT).value == "my question"
    assert app.number_input(key=FormKey.NOISE).value == 0.4
    assert "Sample scene 2" in texts(app)


@pytest.mark.parametrize(("prompt", "words"), [("   ", "prompt is empty"), ("x" * 100_000, "100,000 characters")])
def test_a_bad_prompt_is_one_sentence(visit, prompt, words):
    app = visit("compute")
    fill_in(app)
    app.text_area(key=FormKey.PROMPT).set_value(prompt)
    app.button(key="run-button").click().run()
    assert [words in error.value for error in app.error] == [True]


def test_a_model_is_offered_with_its_options(visit, monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_MODELS", "embedded;4bit")
    app = visit("compute")
    field = app.selectbox(key=FormKey.MODEL)
    assert field.options == ["Embedded (coloured shapes)", "Embedded (coloured shapes) (4bit)"]
    field.set_value("embedded;4bit").run()
    fill_in(app, 1)
    assert any("weights of 4 bits" in caption.value for caption in app.caption) and not app.error
