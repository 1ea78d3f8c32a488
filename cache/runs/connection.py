"""The connection to the history's file that threads share: statements, transactions, records, and a memo of answers."""

import logging
import sqlite3
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, TypeVar

from cache.files.folders import absolute
from cache.files.shared_connection import SharedConnection
from cache.files.sqlite import check_file
from cache.runs.filters import Order
from cache.runs.migrations import open_runs
from cache.runs.record import RunRecord, UnreadableRow, from_columns

logger = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_MOST_MEMOISED = 100


class HistoryConnection:
    """One connection to the SQLite file, for the threads of this process one after the other.

    Args:
        path: the file, in a folder of its own that is created with mode 0700.
        timeout: seconds to wait for another process that writes.

    Attributes:
        unreadable: rows that were met and hold what no record is made of, by their number: which column it is.

    Raises:
        StoreError: here and in every method, when the file cannot be used; the sentence says why.
    """

    def __init__(self, path: str | Path, timeout: float) -> None:
        self._path = file = absolute(path)
        self._shared = SharedConnection(file, "The history", lambda: open_runs(file, timeout))
        self.unreadable: dict[int, str] = {}
        self._version: tuple[int, ...] | None = None
        self._memo: dict[Hashable, Any] = {}

    def statements(self) -> AbstractContextManager[sqlite3.Connection]:
        """The connection, for this thread alone; what goes wrong becomes a `StoreError`."""
        return self._shared.statements()

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """All of the statements, or none."""
        return self._shared.transaction()

    def is_current(self) -> bool:
        """Whether the open file is the one that lies there under its name."""
        return self._shared.is_current()

    @property
    def damaged(self) -> bool:
        """Whether a page of the open file was met that cannot be read."""
        return self._shared.damaged

    def read(self, condition: str, values: Sequence[Any], order: Order | None = None) -> list[RunRecord]:
        """The records that fulfil a condition in SQL, with the values bound in it; unreadable rows are left out."""
        sql = f"SELECT * FROM runs JOIN run_details USING (id) WHERE {condition}"
        with self.statements() as connection:
            rows = connection.execute(sql if order is None else f"{sql} ORDER BY {order.sql()}", values).fetchall()
        found = []
        for row in rows:
            try:
                found.append(from_columns(row))
            except UnreadableRow as error:
                self._note_unreadable(row["id"], str(error))
            else:
                self.unreadable.pop(row["id"], None)
        return found

    def _note_unreadable(self, row: int, column: str) -> None:
        if row not in self.unreadable:
            logger.error("Row %d of the history in %s cannot be read: %s. It is left out.", row, self._path, column)
        self.unreadable[row] = column

    def memoised(self, key: Hashable, work_out: Callable[[sqlite3.Connection], Answer]) -> Answer:
        """What was worked out before, as long as nobody has written since: a page is drawn at every click."""
        with self.statements() as connection:
            others = connection.execute("PRAGMA data_version").fetchone()[0]
            version = (self._shared.losses, others, connection.total_changes)
            if version != self._version or len(self._memo) >= _MOST_MEMOISED:
                self._version, self._memo = version, {}
            if key not in self._memo:
                self._memo[key] = work_out(connection)
            return self._memo[key]

    def beside(self, name: str) -> Path:
        """A file of that name beside the history, such as a lock that several processes share."""
        return self._path.with_name(f"{self._path.name}.{name}")

    def check(self) -> None:
        """Reads from the file and writes to it, without changing any run."""
        check_file(self._path, "The history", "runs")

    def close(self) -> None:
        """Closes the file."""
        self._shared.close()
