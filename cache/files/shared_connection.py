"""One connection to a SQLite file that threads share; opened anew where the file was deleted or replaced under it."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cache.errors import is_damage, store_error
from cache.files.folders import alone, make_private
from cache.files.losses import identity, leave_behind, log_identities


class SharedConnection:
    """One connection to a SQLite file, for the threads of this process one after the other.

    One connection and a lock, for Streamlit's threads are many and short-lived, and each statement takes about a
    millisecond.

    Args:
        path: the file.
        what: how messages call it ("The history").
        connect: opens it; makes it where it is missing.

    Attributes:
        path: the file.
        losses: how often it was deleted or replaced since, so that whoever knows something of it forgets that.
        damaged: whether a page of it was met that cannot be read.

    Raises:
        StoreError: here and in every method, when the file cannot be used; the sentence says why.
    """

    def __init__(self, path: Path, what: str, connect: Callable[[], sqlite3.Connection]) -> None:
        self.path = path
        self.losses = 0
        self._what, self._connect = what, connect
        self._lock = threading.RLock()
        self._users = 0  # how deep this thread is in `statements`
        self._open()

    @contextmanager
    def statements(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone; what goes wrong becomes a `StoreError`."""
        with self._lock:
            try:
                if not self._users and not self.is_current():
                    self._open_anew()
                self._users += 1
                try:
                    yield self._connection
                finally:
                    self._users -= 1
            except (sqlite3.Error, OSError) as error:
                self.damaged = self.damaged or is_damage(error)
                raise store_error(error, f"{self._what} in {self.path}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the statements, or none."""
        with self.statements() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    def is_current(self) -> bool:
        """Whether the open file is the one that lies there under its name."""
        return identity(self.path) == self._identity

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def _open(self) -> None:
        self.damaged = False
        self._connection = self._connect()
        self._identity, self._logs = identity(self.path), log_identities(self.path)

    def _open_anew(self) -> None:
        make_private(self.path.parent)
        # Before the old one is closed: as long as it is open, no other file has its number.
        with alone(self.path.parent):
            if self._identity is not None:
                leave_behind(self.path, self._identity, self._logs)
        old = self._connection
        self._open()
        old.close()
        self.losses += 1
