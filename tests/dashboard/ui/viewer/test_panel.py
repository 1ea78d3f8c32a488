"""A run on the page: what was asked and answered, and its maps."""

import pytest

from core.schema.target import Target
from dashboard import resources
from tests.dashboard.pages import texts


def test_moving_the_layer_computes_nothing(visit, stored, monkeypatch):
    app = visit("compute", run=stored())
    monkeypatch.setattr(resources.jobs(), "submit", lambda *asked: pytest.fail("something was queued"))
    assert "**Combined map** over the picture" in [element.value for element in app.markdown]
    app.segmented_control(key="map").set_value("layer").run()
    app.select_slider(key="layer").set_value(6).run()
    assert "**Layer 6** over the picture" in [element.value for element in app.markdown]


def test_peoples_text_is_shown_as_it_is(visit, stored):
    prompt, answer = "# <b>big</b> $x^2$ :smile: [link](http://x)", "**bold** <img src=x onerror=alert(1)>"
    app = visit("compute", run=stored(prompt=prompt, text=answer))
    assert prompt in texts(app) and answer in texts(app)
    assert not any(prompt in element.value or answer in element.value for element in app.markdown)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (Target.tokens(2, 4), 'Explained: tokens 2 to 3: "top *left*"'),
        (Target.contrast(3, "right"), 'Explained: "*left*" rather than "right" at token 3'),
    ],
)
def test_numbers_of_tokens_are_said_in_words(visit, stored, target, words):
    app = visit("compute", run=stored("it is top *left* .", target=target))
    assert words in [element.value for element in app.text]
