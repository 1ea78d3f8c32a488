import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import InputError
from core.schema.layers import select_layers, thirds


def test_words_for_36_layers():
    assert select_layers("all", 36) == tuple(range(36))
    assert select_layers("auto", 36) == (0, 7, 14, 21, 28, 35)
    assert select_layers("early", 36) == tuple(range(12))
    assert select_layers("middle", 36) == tuple(range(12, 24))
    assert select_layers("late", 36) == tuple(range(24, 36))


def test_indices():
    assert select_layers([3, -1, 0, 3], 8) == (0, 3, 7)
    assert select_layers(-8, 8) == (0,)


@pytest.mark.parametrize("choice", [[8], [-9], [1.0], [True], "first", []])
def test_what_is_not_there_is_refused(choice):
    with pytest.raises(InputError):
        select_layers(choice, 8)


def test_the_error_names_the_range():
    with pytest.raises(InputError, match=r"8 decoder layers, 0 to 7"):
        select_layers([8], 8)


@given(st.integers(1, 100))
def test_thirds_cut_the_depth_without_gap(total):
    parts = thirds(total)
    assert parts["early"] + parts["middle"] + parts["late"] == tuple(range(total))


@given(st.integers(1, 100), st.sampled_from(["all", "auto", "early", "middle", "late"]))
def test_every_word_gives_layers_that_exist(total, word):
    layers = select_layers(word, total)
    assert layers and list(layers) == sorted(set(layers)) and 0 <= layers[0] and layers[-1] < total
