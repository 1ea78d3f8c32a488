"""Who alone looks after something that several processes share: a lock on a file, which ends with its process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether this thread has the lock of that file meanwhile; never waits for another who has it.

    Args:
        path: made with mode 0600 where it is missing, and deleted by whoever had the lock; its folder is there.

    Raises:
        OSError: it cannot be opened.
    """
    handle = _locked(path)
    try:
        yield handle is not None
    finally:
        if handle is not None:
            with suppress(OSError):
                path.unlink()  # before the lock is let go: nobody else has it
            os.close(handle)


def _locked(path: Path) -> int | None:
    """The file, opened and locked; None where another has it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Whoever had the lock before may have deleted the file since it was opened here.
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        except BlockingIOError:
            os.close(handle)
            return None
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)
