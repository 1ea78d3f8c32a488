"""How long tests wait for what others do: until it is there, and never for a time."""

import time
from collections.abc import Callable

PATIENCE = 180.0
"""Seconds until something is taken never to happen. Generous: a test passes as soon as it is there."""


def wait_until(condition: Callable[[], bool], never: str = "It did not happen.", pause: float = 0.01) -> None:
    """Waits until a condition holds; fails with the sentence `never` when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, never
        time.sleep(pause)
