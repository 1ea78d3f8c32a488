"""What a test looks at in a loop is there: a loop over nothing proves nothing."""

from collections.abc import Iterable
from typing import TypeVar

Thing = TypeVar("Thing")


def some(things: Iterable[Thing]) -> list[Thing]:
    """All of them; fails where there are none."""
    found = list(things)
    assert found, "There is nothing here that the test could look at."
    return found
