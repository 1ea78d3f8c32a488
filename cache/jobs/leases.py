"""Which server processes are alive: each holds a lock on a file of its own, which the system lets go when it ends."""

import fcntl
import os
import re
import secrets
import weakref
from contextlib import suppress
from pathlib import Path

from cache.errors import store_error

_NAME = re.compile(r"[0-9a-f]{16}")
_SUFFIX = ".server"

_taken: "weakref.WeakSet[Lease]" = weakref.WeakSet()


class Lease:
    """This process's sign of life beside a file that several processes share, until it ends, however it ends.

    A process number would not do: after a restart of the machine another process may have it.

    Attributes:
        name: what others ask `is_alive` about.

    Raises:
        StoreError: the folder cannot be written.
    """

    def __init__(self, beside: Path) -> None:
        self._beside = beside
        self.name = secrets.token_hex(8)
        path = self._path(self.name)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:
            raise store_error(error, f"The folder {beside.parent}") from error
        self.release = weakref.finalize(self, _let_go, path, handle)
        _taken.add(self)

    def sweep(self) -> None:
        """Removes what processes that are no more have left."""
        for path in self._beside.parent.glob(f"{self._beside.name}.*{_SUFFIX}"):
            self.is_alive(path.name.removeprefix(f"{self._beside.name}.").removesuffix(_SUFFIX))

    def is_alive(self, name: str) -> bool:
        """Whether the process of that name still runs, this one included; what a dead one left is removed."""
        if name == self.name:
            return self.release.alive
        if not _NAME.fullmatch(name):
            return False
        path = self._path(name)
        try:
            handle = os.open(path, os.O_RDONLY)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            with suppress(OSError):
                path.unlink()
            return False
        finally:
            os.close(handle)

    def _path(self, name: str) -> Path:
        return self._beside.with_name(f"{self._beside.name}.{name}{_SUFFIX}")


def release_all() -> None:
    """Lets every lease of this process go: it is about to end, and a signal that ends it runs nothing more."""
    for lease in tuple(_taken):
        lease.release()


def _let_go(path: Path, handle: int) -> None:
    with suppress(OSError):
        path.unlink()
    os.close(handle)
