"""What is stored and of no use any more: found first, dropped only if it is still the same then."""

import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cache.errors import CorruptEntry, store_error
from cache.files.sqlite import read_only
from cache.results.change_log import Reason, because
from cache.results.disk import describe, results_database
from cache.results.inspection import Damage, pass_layers
from core.errors import ExplainError

_TIMEOUT = 30.0


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


def drop_rows(folder: Path, rows: Iterable[StoredRow | Damage], reason: Reason) -> int:
    """Deletes rows that have not been written anew since they were found; returns how many."""
    try:
        with closing(sqlite3.connect(results_database(folder), timeout=_TIMEOUT)) as connection, connection:
            # Triggers of diskcache keep its count of entries right.
            query = "DELETE FROM Cache WHERE rowid = ? AND store_time IS ?"
            with because(connection.execute, reason):
                return connection.executemany(query, [(row.row, row.stored) for row in rows]).rowcount
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error
