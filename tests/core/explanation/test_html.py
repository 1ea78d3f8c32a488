"""HTML of results: whole by itself, and nothing in it that people or models could make it do."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from PIL import Image

from core import Answer, Token
from core.explanation.explanation import explained
from core.explanation.html import MOST_CHARACTERS, answer_html
from tests.core.explanation.results import ANSWER

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></div><iframe src=//x.example>",
    "&lt;b&gt; \u202e turned\0",
)
ALLOWED = {"div", "style", "figure", "figcaption", "img", "span"}


class Elements(HTMLParser):
    """The elements of a text with their attributes, and whether each is closed."""

    def __init__(self, text):
        super().__init__()
        self.found, self.open, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def elements(html: str) -> Elements:
    found = Elements(html)
    assert not found.open and {tag for tag, _ in found.found} <= ALLOWED
    names = {name for _, attributes in found.found for name in attributes}
    assert names <= {"class", "style", "title", "src", "width", "height", "alt"}
    return found


def images(html: str) -> list[Image.Image]:
    found = re.findall(r'src="data:image/jpeg;base64,([^"]+)"', html)
    return [Image.open(io.BytesIO(base64.b64decode(each))) for each in found]


def test_it_is_whole_by_itself_and_of_modest_size(explanation):
    html = explanation._repr_html_()
    found = elements(html)
    assert len(html) < 100_000 and "http" not in html and "<script" not in html and "url(" not in html
    assert [image.size for image in images(html)] == [(84, 56), (3 * 43 - 3, 27)]  # the overlay, and the small maps
    assert "Where is the red square?" in found.text and "Top left" in found.text and "2 x 3 cells" in found.text
    assert "Combined map" in found.text and "layers 0 to 5" in found.text


def test_it_takes_the_colours_around_it(explanation):
    style = explanation._repr_html_().partition("</style>")[0]
    assert "color: inherit" in style and "prefers-color-scheme: dark" in style and "background-color" not in style


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_people_and_models_does_nothing(result, picture, text):
    tokens = (Token(1, text, 0.5, (), 0, len(text)),)
    request = replace(result.request, prompt=text + "?")
    html = explained(replace(result, request=request, answer=Answer(text, tokens)), [picture])._repr_html_()
    found = elements(html)
    # Nothing became an element, and what cannot be seen is named.
    assert [tag for tag, _ in found.found if tag in ("img", "iframe", "script")] == ["img", "img"]
    assert all(
        attributes["src"].startswith("data:image/jpeg;base64,") for tag, attributes in found.found if tag == "img"
    )
    assert "\u202e" not in html and "\0" not in html
    shown = text.replace("\u202e", "⟪U+202E⟫").replace("\0", "⟪U+0000⟫")
    assert found.text.count(shown) == 2


def test_words_are_shaded_where_the_model_was_unsure():
    spans = [attributes for tag, attributes in elements(answer_html(ANSWER)).found if tag == "span"]
    assert [each["title"] for each in spans] == ["probability 0.9", "probability 0.25"]
    assert [float(re.search(r"([\d.]+)\)", each["style"])[1]) for each in spans] == [0.07, 0.56]


def test_answers_without_places_or_words_or_end():
    assert elements(answer_html(Answer("Stored long ago.", (Token(1, "Stored", 0.5),)))).text == "Stored long ago."
    assert elements(answer_html(Answer("", ()))).text == "nothing"
    long = "word " * MOST_CHARACTERS
    assert elements(answer_html(Answer(long, ()))).text == long[:MOST_CHARACTERS] + "…"


def test_a_thought_is_told_apart():
    tokens = (Token(1, "Hm.</think>", 0.5, (), 0, 11), Token(2, " Yes", 0.5, (), 11, 15))
    found = elements(answer_html(Answer("Hm.</think> Yes", tokens, 1)))
    kinds = [attributes.get("class") for tag, attributes in found.found if tag == "span"]
    assert "thought" in kinds and kinds[-1] is None


def test_a_result_without_its_picture_or_of_a_video(result, of_video):
    assert [image.size for image in images(explained(result, None)._repr_html_())][0] == (480, 320)
    html = of_video._repr_html_()
    assert [image.size for image in images(html)] == [(42, 28), (2 * 43 - 3, 27)] and "1 to 2 s" in html
