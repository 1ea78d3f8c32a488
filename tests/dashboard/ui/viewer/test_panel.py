"""A run on the page: what was asked and answered, and its maps."""

import pytest

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
