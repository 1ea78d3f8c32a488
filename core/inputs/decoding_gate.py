"""How many pixels are decoded at the same time, by all threads of a process together."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from core.inputs.videos.limits import MAX_PIXELS

MOST_AT_ONCE = 200_000_000
"""Pixels: two of the largest pictures, or twelve of a phone's."""


class DecodingGate:
    """Lets in whoever comes while there is room; the others wait, first come, first served."""

    def __init__(self, most: int) -> None:
        """
        Args:
            most: pixels at once; a larger picture goes in alone.
        """
        self._most, self._inside = most, 0
        self._queue: deque[object] = deque()
        self._changed = Condition()

    @property
    def inside(self) -> int:
        """Pixels that are being decoded."""
        return self._inside

    @property
    def waiting(self) -> int:
        """How many stand before it."""
        return len(self._queue)

    @contextmanager
    def room_for(self, pixels: int) -> Iterator[None]:
        """Waits until there is room, and holds it. Not to be entered by a thread that is inside already."""
        pixels, ticket = min(pixels, self._most), object()
        with self._changed:
            self._queue.append(ticket)
            try:
                self._changed.wait_for(lambda: self._queue[0] is ticket and self._inside + pixels <= self._most)
                self._inside += pixels
            finally:
                self._queue.remove(ticket)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._inside -= pixels
                self._changed.notify_all()


GATE = DecodingGate(MOST_AT_ONCE)
VIDEO_GATE = DecodingGate(MAX_PIXELS)
"""For the sampled frames of videos: a gate of its own, since one may take a minute, and pictures would wait."""
