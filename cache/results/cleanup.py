"""What is stored and of no use any more: found first, dropped only if it is still the same then."""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cache.errors import CorruptEntry, store_error
from cache.files.portions import immediate, write_in_portions
from cache.files.sqlite import existing, read_only
from cache.results.change_log import Reason, because
from cache.results.disk import describe, results_database
from cache.results.inspection import Damage, pass_layers
from core.errors import ExplainError

_TIMEOUT = 30.0

DROPPED = 200
"""Rows that one transaction deletes at most."""


@dataclass(frozen=True)
class StoredRow:
    """A row of the results' database as it was found: `row` was written at `stored` and has `size` bytes."""

    row: int
    stored: float
    size: int = 0


def old_rows(folder: Path, days: float) -> list[StoredRow]:
    """Entries that were stored more than so many days ago.

    Raises:
        StoreError: here and below, when the database cannot be used.
    """
    query = "SELECT rowid, store_time, IFNULL(LENGTH(value), 0) FROM Cache WHERE store_time < ?"
    try:
        with closing(read_only(results_database(folder))) as connection:
            return [StoredRow(*row) for row in connection.execute(query, (time.time() - days * 24 * 3600,))]
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error


def orphaned_layers(folder: Path) -> list[StoredRow]:
    """Layers whose pass is gone, so that no request finds them; none while some pass cannot be read.

    A layer does not name its pass, but a pass its request, and with it the key of every layer.
    """
    passes = "SELECT key, value FROM Cache WHERE tag = 'pass'"
    layers = "SELECT rowid, store_time, IFNULL(LENGTH(value), 0), key FROM Cache WHERE tag = 'layer'"
    try:
        with closing(read_only(results_database(folder))) as connection:
            connection.execute("BEGIN")  # both as of one moment: a run that comes in between has no orphans
            found = connection.execute(layers).fetchall()
            named = {key for row in connection.execute(passes) for key in pass_layers(*row)[0]}
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error
    except (CorruptEntry, ExplainError, KeyError, TypeError, ValueError):
        # Perhaps a newer version of this program wrote it; its layers are not ours to drop.
        return []
    return [StoredRow(row, stored, size) for row, stored, size, key in found if key not in named]


def rows_of(folder: Path, wanted: Iterable[str], since: float) -> list[StoredRow]:
    """The entries under these keys that were stored from then on, seconds since 1970."""
    query = "SELECT rowid, store_time, IFNULL(LENGTH(value), 0) FROM Cache WHERE key = ? AND store_time >= ?"
    try:
        with closing(read_only(results_database(folder))) as connection:
            return [StoredRow(*row) for key in wanted for row in connection.execute(query, (key, since))]
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error


def drop_rows(
    folder: Path, rows: Iterable[StoredRow | Damage], reason: Reason, between: Callable[[], object] = lambda: None
) -> int:
    """Deletes rows that have not been written anew since they were found; returns how many.

    A few in each transaction: whoever stores something meanwhile waits for those alone, and a kill leaves the rest.

    Args:
        between: called after each transaction, with no lock held.
    """
    # Triggers of diskcache keep its count of entries right.
    query, count = "DELETE FROM Cache WHERE rowid = ? AND store_time IS ?", 0

    def drop(connection: sqlite3.Connection, row: StoredRow | Damage) -> None:
        nonlocal count
        count += connection.execute(query, (row.row, row.stored)).rowcount

    try:
        with closing(existing(results_database(folder), _TIMEOUT)) as connection:
            write_in_portions(rows, lambda: _dropping(connection, reason), drop, between, most=DROPPED)
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error
    return count


@contextmanager
def _dropping(connection: sqlite3.Connection, reason: Reason) -> Iterator[sqlite3.Connection]:
    with immediate(connection), because(connection.execute, reason):
        yield connection
