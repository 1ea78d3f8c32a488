"""How often one access token may be used: a burst, and then so many requests a second."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from dashboard.api.refusals import Refused, again_in

PER_SECOND = 10.0
BURST = 100
"""Requests that may come at once: those of a page of history, each run's overlay with it."""
_MOST_KNOWN = 1000


class Pace:
    """Counts requests, token by token. Not thread-safe: the server's own loop alone asks.

    Args:
        now: a clock, in seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, token: str) -> None:
        """Notes a request.

        Raises:
            Refused: it comes too soon; the answer says when it is worth asking again.
        """
        now = self._now()
        left, before = self._left.pop(token, (float(BURST), now))
        left = min(float(BURST), left + (now - before) * PER_SECOND)
        allowed = left >= 1
        self._left[token] = (left - 1 if allowed else left, now)
        while len(self._left) > _MOST_KNOWN:
            self._left.popitem(last=False)
        if not allowed:
            seconds = max(1, math.ceil((1 - left) / PER_SECOND))
            raise Refused(
                429, f"More than {PER_SECOND:g} requests a second are too many for one access token.", again_in(seconds)
            )
