"""How answers are drawn, and equal ones counted together."""

import math

import pytest

from core.errors import InputError
from core.schema.drawn_answers import MAX_SEED, DrawnAnswer, TokenSampling, check_answers, distinct_answers
from tests.core.answers import make_answer


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((0,), "At a temperature of 0 nothing is drawn"),
        ((-0.5,), "temperature must be 0, for the likeliest token each time, or a number from 0.01 to 10, not -0.5"),
        ((math.nan,), "not nan"),
        ((math.inf,), "not inf"),
        ((0.5, 0), "top-p must be a number above 0, and 1 at most, not 0"),
        ((0.5, math.nan), "not nan"),
        ((0.5, True), "not True"),
        ((0.5, 1, -1), "The answer's seed must be a whole number from 0"),
        ((0.5, 1, 2**63), "The answer's seed"),
    ],
)
def test_values_by_which_nothing_can_be_drawn(values, message):
    with pytest.raises(InputError, match=message):
        TokenSampling(*values)


def test_seeds_follow_each_other():
    assert list(check_answers(3, 0.7, 1, 5)) == [5, 6, 7]
    assert list(check_answers(1, 0, 1, 0)) == [0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((2, 0, 1, 0), "At a temperature of 0 all answers would be the same. Choose a temperature above 0"),
        ((0, 1, 1, 0), "The number of answers must be a whole number from 1 to 100, not 0"),
        ((101, 1, 1, 0), "not 101"),
        ((2.0, 1, 1, 0), "not 2.0"),
        ((2, 1, 1, MAX_SEED), "The last answer's seed"),
        ((2, 1, 1, 0, "Red."), "A sentence of your own is explained, and no answer is drawn. Leave"),
    ],
)
def test_answers_that_cannot_be_drawn(values, message):
    with pytest.raises(InputError, match=message):
        check_answers(*values)


def test_answers_that_read_the_same_are_one():
    red, blue, green = (make_answer(text) for text in ("red", "blue", "green"))
    found = distinct_answers({7: blue, 3: green, 4: red, 5: blue, 6: make_answer("re", "d")})
    assert found == (DrawnAnswer(red, (4, 6)), DrawnAnswer(blue, (5, 7)), DrawnAnswer(green, (3,)))
    assert [each.count for each in found] == [2, 2, 1]
