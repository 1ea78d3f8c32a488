"""Whole numbers, and the sentences for what is none."""

import pytest

from core.errors import InputError
from core.schema.checks import check_whole


@pytest.mark.parametrize("value", [1, 2, 1_000])
def test_whole_numbers_within_their_range_pass(value):
    assert check_whole("The seed", value, 1, 1_000) is None and check_whole("The seed", value, 1) is None


@pytest.mark.parametrize("value", [0, 1_001, 2.0, True, "3", None])
def test_others_are_refused_with_what_is_allowed(value):
    with pytest.raises(InputError) as refused:
        check_whole("The seed", value, 1, 1_000)
    assert str(refused.value) == f"The seed must be a whole number from 1 to 1,000, not {value!r}."


def test_a_range_may_have_no_end():
    check_whole("The occurrence", 10**9, 1)
    with pytest.raises(InputError, match=r"^The occurrence must be a whole number of 1 or more, not 0\.$"):
        check_whole("The occurrence", 0, 1)
