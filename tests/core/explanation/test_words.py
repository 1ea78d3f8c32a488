"""All words of an answer at once: a mapping as before, and more."""

from collections.abc import Mapping

import numpy as np
import pytest

from core import InputError, WordExplanations
from core.explanation.explanation import explained
from core.schema.words import Word
from tests.core.explanation.results import with_combined
from tests.core.explanation.test_html import elements, images

TOP, LEFT = Word("Top", 0, 1), Word("left", 1, 2)


@pytest.fixture(scope="module")
def words(result, picture):
    each = {word: explained(with_combined(result.request.for_word(word), 2, 3), [picture]) for word in (TOP, LEFT)}
    return WordExplanations(each)


def test_it_is_a_mapping_from_word_to_result(words):
    assert isinstance(words, Mapping) and list(words) == [TOP, LEFT] and len(words) == 2
    assert words[TOP].request.target.start == 0 and dict(words)[LEFT] is words[LEFT]
    assert WordExplanations() == {} and not WordExplanations()


def test_words_are_found_by_their_text(words):
    assert words["top"] is words[TOP] and "LEFT" in words and "right" not in words and words.get("right") is None
    with pytest.raises(KeyError, match="There are: Top, left"):
        words["right"]


def test_all_words_are_shown_at_once(words):
    html = words._repr_html_()
    assert [image.size for image in images(html)] == [(84, 56)] * 2 and "Top left" in elements(html).text
    assert repr(words) == '<WordExplanations: "Top left"; 2 words>'
    assert words.sheet().size == (2 * 336 + 16, 16 + 263) and words.sheet(columns=1).size == (352, 16 + 2 * 263)
    assert (np.asarray(words.sheet(colormap="jet")) != np.asarray(words.sheet())).any()


def test_no_words_are_no_error_until_they_are_drawn():
    assert elements(WordExplanations()._repr_html_()).text.strip().endswith("}") and "0 words" in repr(
        WordExplanations()
    )
    with pytest.raises(InputError, match="no words"):
        WordExplanations().sheet()


@pytest.mark.parametrize("given", [7, [TOP], {TOP: "red"}, {"top": None}])
def test_what_is_no_mapping_of_words_is_said(given):
    with pytest.raises(InputError, match="must be"):
        WordExplanations(given)
