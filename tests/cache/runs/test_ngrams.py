"""Short words: found wherever two characters stand side by side, and nowhere else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cache.runs.ngrams import ngrams, token


@pytest.mark.parametrize(
    ("word", "text", "found"),
    [
        ("圆", "红色的圆形", True),
        ("圆形", "红色的圆形", True),
        ("形圆", "红色的圆形", False),
        ("AB", "xabx", True),
        ("ab", "a b", False),
        ("é", "É", True),
        ("%", "100%", True),
        ('"', 'a "quoted" word', True),
        ("😀!", "yes😀!", True),
        ("İx", "aİx", True),
    ],
)
def test_what_is_found(word, text, found):
    assert (token(word) in ngrams("other", None, text).split()) is found


@given(st.text(max_size=20), st.text(min_size=1, max_size=2))
def test_every_pair_of_neighbours_is_found_and_nothing_else(text, word):
    if word.split() == [word]:
        assert (token(word) in ngrams(text).split()) == (word.lower() in text.lower()) or len(text.lower()) != len(text)
    assert all(each.isalnum() and each.isascii() for each in ngrams(text).split())
