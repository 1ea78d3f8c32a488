"""Files that have come and that no page holds: on disk, for as long as somebody may still read them."""

import threading
from collections import Counter
from tempfile import SpooledTemporaryFile
from weakref import WeakSet, finalize

from dashboard.uploads.room import LEAST

_held: "WeakSet[ArrivedFile]" = WeakSet()


class ArrivedFile:
    """A file that has come; it takes its visitor's room until it is let go of, or nothing refers to it.

    Args:
        visitor: in whose quota it is counted.
        file: its bytes, in memory or in this process's temporary folder; closed with it.
        size: how many there are.
    """

    def __init__(self, visitor: str, file: "SpooledTemporaryFile[bytes]", size: int) -> None:
        self.visitor, self.size = visitor, size
        self._file, self._lock = file, threading.Lock()
        _held.add(self)
        finalize(self, file.close)

    @property
    def is_held(self) -> bool:
        """Whether its bytes are still there."""
        return not self._file.closed

    def let_go(self) -> None:
        """Gives its room back at once: what refers to it may be an error, which Python clears away when it likes."""
        with self._lock:
            self._file.close()

    def read(self) -> bytes:
        """All of its bytes, from any thread."""
        with self._lock:
            self._file.seek(0)
            return self._file.read()

    def head(self, count: int) -> bytes:
        """Its first bytes."""
        with self._lock:
            self._file.seek(0)
            return self._file.read(count)


def held_by_visitor() -> Counter[str]:
    """Visitor -> bytes of the files that have come and are still needed."""
    held: Counter[str] = Counter()
    for each in list(_held):
        if each.is_held:
            held[each.visitor] += max(LEAST, each.size)
    return held
