"""A run on the page: what was asked and answered, and its maps."""

import pytest

from core.schema import Answer
from core.schema.target import Target
from tests.dashboard.pages import texts


def test_peoples_text_is_shown_as_it_is(visit, stored):
    prompt, answer = "# <b>big</b> $x^2$ :smile: [link](http://x)", "**bold** <img src=x onerror=alert(1)>"
    app = visit("compute", run=stored(prompt=prompt, text=answer))
    assert prompt in texts(app)
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


def test_control_tokens_inside_an_answer_are_said(visit, stored, monkeypatch):
    name = stored("it is top left")
    assert not any("control tokens" in element.value for element in visit("compute", run=name).caption)
    monkeypatch.setattr(Answer, "control_tokens", property(lambda answer: ("<|im_end|>", "<*b*>")))
    (said,) = [element.value for element in visit("compute", run=name).caption if "control tokens" in element.value]
    assert said.startswith("The answer holds control tokens") and "im\\_end" in said and "\\*b\\*" in said
