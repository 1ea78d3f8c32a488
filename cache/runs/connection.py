"""The connection to the history's file that threads share: statements, transactions, records, and a memo of answers."""

import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from cache.errors import store_error
from cache.files.sqlite import check_file
from cache.runs.filters import Order
from cache.runs.migrations import open_runs
from cache.runs.record import RunRecord, from_columns

Answer = TypeVar("Answer")

_MOST_MEMOISED = 100


class HistoryConnection:
    """One connection to the SQLite file, for the threads of this process one after the other.

    Args:
        path: the file, in a folder of its own that is created with mode 0700.
        timeout: seconds to wait for another process that writes.

    Raises:
        StoreError: here and in every method, when the file cannot be used; the sentence says why.
    """

    def __init__(self, path: str | Path, timeout: float) -> None:
        self._path = Path(path)
        # One connection and a lock, for Streamlit's threads are many and short-lived, and each
        # statement takes about a millisecond.
        self._lock = threading.RLock()
        self._connection = open_runs(path, timeout)
        self._version: tuple[int, int] | None = None
        self._memo: dict[Hashable, Any] = {}

    @contextmanager
    def statements(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone; what goes wrong becomes a `StoreError`."""
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise store_error(error, f"The history in {self._path}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the statements, or none."""
        with self.statements() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    def read(self, condition: str, values: Sequence[Any], order: Order | None = None) -> list[RunRecord]:
        """The records that fulfil a condition in SQL, with the values bound in it."""
        sql = f"SELECT * FROM runs JOIN run_details USING (id) WHERE {condition}"
        with self.statements() as connection:
            rows = connection.execute(sql if order is None else f"{sql} ORDER BY {order.sql()}", values).fetchall()
        return [from_columns(row) for row in rows]

    def memoised(self, key: Hashable, work_out: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What was worked out before, as long as nobody has written since: a page is drawn at every click."""
        with self.statements() as connection:
            others = connection.execute("PRAGMA data_version").fetchone()[0]
            version = (others, connection.total_changes)
            if version != self._version or len(self._memo) >= _MOST_MEMOISED:
                self._version, self._memo = version, {}
            if key not in self._memo:
                self._memo[key] = work_out(connection)
            return self._memo[key]

    def check(self) -> None:
        """Reads from the file and writes to it, without changing any run."""
        check_file(self._path, "The history", "runs")

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()
