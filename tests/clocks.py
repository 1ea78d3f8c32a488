"""A clock in the hand of a test.

Nothing of the module `time` itself is ever replaced: threads that have nothing to do with the test ask it, too. A loop
of Dask's that was told a wrong time once waits for days.
"""

import sys
import time
from types import ModuleType

import pytest


class Clock:
    """Stands in for the module `time` where it is put: its time passes only when a test lets it."""

    sleep = staticmethod(time.sleep)

    def __init__(self) -> None:
        self._now = float(int(time.time()))  # whole, so that what is added to it is exact

    def time(self) -> float:
        """The time at which it stands, seconds since 1970."""
        return self._now

    monotonic = time

    def forward(self, seconds: float) -> None:
        """Lets so much time pass."""
        self._now += seconds


def who_ask() -> list[ModuleType]:
    """Every module that asks `time`, of this project's and of the library that keeps its entries."""
    modules = [module for module in sys.modules.values() if getattr(module, "time", None) is time]
    return [
        module for module in modules if module.__name__.partition(".")[0] in ("cache", "core", "dashboard", "diskcache")
    ]


def hold(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> Clock:
    """A clock for modules that ask `time`, and for them alone: threads, queues and pytest keep the machine's."""
    clock = Clock()
    for module in modules:
        monkeypatch.setattr(module, "time", clock)
    return clock
