"""Decoded pictures and their previews, kept once for everybody within budgets in bytes. No Streamlit here.

A file of 1 MB can decode to 300 MB. Whoever needs pixels asks here and keeps none; a job asks when it begins.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from typing import Generic, TypeVar

import numpy as np

from core import Picture, Video
from dashboard.settings import read_settings

T = TypeVar("T", Picture | Video, np.ndarray)

PREVIEWS = 512 * 2**20
"""Bytes of previews that are kept: 2.3 MB each at most."""


class PixelCache(Generic[T]):
    """What was used last, by the digests of pictures. Every method may be called from any thread.

    Args:
        budget: bytes that the pixels may take together; 0 keeps none.
    """

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, digest: str, make: Callable[[], T]) -> T:
        """What is kept for a digest, or is made of it now; what `make` raises is raised."""
        with self._lock:
            if digest in self._kept:
                self._kept.move_to_end(digest)
                return self._kept[digest]
        made = make()  # outside of the lock: others are not to wait for it
        self.put(digest, made)
        return made

    def put(self, digest: str, made: T) -> None:
        """Keeps something, in place of what was kept for that digest; the longest unused goes first."""
        with self._lock:
            if digest in self._kept:
                self._bytes -= _bytes_of(self._kept.pop(digest))
            if _bytes_of(made) > self._budget:
                return  # it would drive out all others, and go itself
            self._kept[digest] = made
            self._bytes += _bytes_of(made)
            while self._bytes > self._budget:
                self._bytes -= _bytes_of(self._kept.popitem(last=False)[1])

    def clear(self) -> None:
        """Lets go of all of them."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0

    @property
    def size(self) -> int:
        """Bytes of all pixels that are kept."""
        return self._bytes


@cache
def decoded() -> PixelCache[Picture | Video]:
    """The decoded pictures and videos of this process.

    Raises:
        InputError: the settings cannot be used.
    """
    return PixelCache(read_settings().decoded_mb * 2**20)


@cache
def previews() -> PixelCache[np.ndarray]:
    """The previews of this process."""
    return PixelCache(PREVIEWS)


def _bytes_of(made: Picture | Video | np.ndarray) -> int:
    if isinstance(made, np.ndarray):
        return made.nbytes
    return made.pixels.nbytes if isinstance(made, Picture) else made.frames.nbytes
