"""How long tests wait for what others do: until it is there, and never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 180.0
"""Seconds until something is taken never to happen. Generous: a test passes as soon as it is there."""


def wait_until(condition: Callable[[], T], never: str = "It did not happen.", pause: float = 0.01) -> T:
    """Waits until a condition is true, and returns what made it so; fails with the sentence `never` after patience."""
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, never
        time.sleep(pause)
    return found
