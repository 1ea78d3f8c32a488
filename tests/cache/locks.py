"""How long locks are held: every transaction of this process, and every use of a connection that threads share.

In seconds of the holding thread's own work, so that other processes of a busy machine do not count.
"""

import gc
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import pytest

from cache.files.shared_connection import SharedConnection


@dataclass(frozen=True)
class Lock:
    """A lock that was held.

    Attributes:
        seconds: for which its thread worked meanwhile.
        rows: that were written, those of triggers and of indexes of texts among them.
        what: the statement that began it; "shared" for the connection that threads share.
    """

    seconds: float
    rows: int
    what: str


class _Watched(sqlite3.Connection):
    """Notes how long each transaction lasts, from the statement that begins it to the end of its commit."""

    locks: list[Lock]
    _began: tuple[float, int, str]

    def execute(self, sql, *arguments):
        with self._watched(sql):
            return super().execute(sql, *arguments)

    def executemany(self, sql, *arguments):
        with self._watched(sql):
            return super().executemany(sql, *arguments)

    def __exit__(self, *raised):
        with self._watched("the end of a transaction"):
            return super().__exit__(*raised)

    @contextmanager
    def _watched(self, sql: str) -> Iterator[None]:
        within = self.in_transaction
        if not within:
            self._began = (time.thread_time(), self.total_changes, sql)
        try:
            yield
        finally:
            began, changes, what = self._began
            if not self.in_transaction and (within or self.total_changes > changes):
                self.locks.append(Lock(time.thread_time() - began, self.total_changes - changes, what))


@contextmanager
def watched_locks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Lock]]:
    """Notes every lock of connections that are opened from now on; of shared ones, those that are open, too.

    What the tests before have left in memory is not collected meanwhile: it is no part of the work.
    """
    locks: list[Lock] = []
    statements = SharedConnection.statements

    @contextmanager
    def watched(self):
        outermost = not self._users
        with statements(self) as connection:
            began, changes = time.thread_time(), connection.total_changes
            try:
                yield connection
            finally:
                if outermost:
                    locks.append(Lock(time.thread_time() - began, connection.total_changes - changes, "shared"))

    gc.collect()
    gc.freeze()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(SharedConnection, "statements", watched)
            patch.setattr(
                sqlite3, "connect", partial(sqlite3.connect, factory=type("W", (_Watched,), {"locks": locks}))
            )
            yield locks
    finally:
        gc.unfreeze()
