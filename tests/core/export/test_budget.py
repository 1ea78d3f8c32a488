"""The budget of an import: one for all that is read of it."""

import pytest

from core.errors import InputError
from core.export.budget import Budget, Limits


def test_a_budget_is_one_for_all_that_takes_from_it():
    budget = Budget(1_000, Limits(unpacked=5_000, ratio=3, free=2_000, cells=10, pixels=10))
    for _ in range(3):
        budget.take_bytes(1_000)
    with pytest.raises(InputError, match=r"^The ZIP unpacks to more than 0 MB, the most .*\.$"):
        budget.take_bytes(1)
    budget.take_cells(10)
    with pytest.raises(InputError, match="maps of more than 10 cells"):
        budget.take_cells(1)
    budget.take_pixels(10)
    with pytest.raises(InputError, match="pictures of more than 0 megapixels"):
        budget.take_pixels(1)


def test_a_little_file_may_unpack_to_a_little_and_no_file_to_more_than_the_limit():
    Budget(10, Limits(unpacked=5_000, ratio=3, free=2_000)).take_bytes(2_000)
    with pytest.raises(InputError):
        Budget(10, Limits(unpacked=5_000, ratio=3, free=2_000)).take_bytes(2_001)
    with pytest.raises(InputError):
        Budget(10**9, Limits(unpacked=5_000, ratio=3, free=2_000)).take_bytes(5_001)
