"""Opens the diskcache database of the result store, whatever state it was left in."""

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

import diskcache
from diskcache.core import DBNAME, DEFAULT_SETTINGS, METADATA

from cache.errors import CorruptEntry, is_damage, sqlite_code, store_error
from cache.files.folders import alone, begin_file, move_aside, private_folder
from cache.files.sqlite import refuse_foreign, rows
from cache.results.change_log import install
from cache.results.codec import MAX_ENTRY_BYTES
from cache.results.disk import BytesDisk, describe, results_database

logger = logging.getLogger(__name__)

LONGEST_VALUE = MAX_ENTRY_BYTES + 2**16
"""Bytes of a database row beyond which nothing is read: the largest entry, its frame, and the other columns."""

SETTINGS = {
    **DEFAULT_SETTINGS,
    # Evicting inside a transaction counts pages that are freed only at its end, so it would evict
    # far too much: the store evicts after each commit instead.
    "cull_limit": 0,
    # Every value lives in the database, so that one transaction holds a whole run: a killed process
    # leaves neither half a run nor an orphaned file.
    "disk_min_file_size": MAX_ENTRY_BYTES + 2**10,
    # Emptying the log into the database waits for the disk: every 32 MB (some 30 runs) instead of 4.
    "sqlite_wal_autocheckpoint": 2**13,
    # A mapped file that shrinks kills the process (SIGBUS).
    "sqlite_mmap_size": 0,
}

# Without it every start would read a part of each row to see whether its age limit is the present one: more than a
# second for each gigabyte that is not in memory.
_AGES = "CREATE INDEX IF NOT EXISTS Cache_ages ON Cache (store_time, expire_time)"

_AGED = 500
"""Entries that one transaction gives another age limit."""


def open_cache(
    folder: str | Path, size_limit_bytes: int, max_age: float | None, timeout: float, *, discard: bool = False
) -> diskcache.Cache:
    """The store's `diskcache.Cache`; a database that is no database is moved aside first.

    Args:
        folder: created with mode 0700 where missing.
        size_limit_bytes: beyond it, what was stored longest ago is evicted.
        max_age: seconds after which an entry that is there already expires; None for never.
        timeout: seconds to wait for another writer.
        discard: move the present database aside even if it opens.

    Raises:
        StoreError: the folder cannot be used.
    """
    path = private_folder(folder, f"{DBNAME}*", "The result store")
    try:
        with alone(path):
            if not discard:
                try:
                    return _open(path, size_limit_bytes, max_age, timeout)
                except (sqlite3.Error, diskcache.Timeout) as error:
                    # A fresh database never answers "SQL error": these tables are somebody else's.
                    if not is_damage(error) and sqlite_code(error) != sqlite3.SQLITE_ERROR:
                        raise
            aside = move_aside(results_database(path))
            logger.warning("The result store was damaged; it is now %s, and a fresh one begins.", aside)
            return _open(path, size_limit_bytes, max_age, timeout)
    except (sqlite3.Error, diskcache.Timeout, OSError) as error:
        raise store_error(error, describe(path)) from error


def stay_connected(folder: Path) -> sqlite3.Connection:
    """A connection that does nothing but stay.

    When a database's last connection closes, SQLite empties its log and waits for the disk. diskcache
    has a connection per thread, and a dashboard's threads come and go with every click.
    """
    try:
        connection = sqlite3.connect(results_database(folder), isolation_level=None, check_same_thread=False)
        connection.execute("SELECT 1 FROM sqlite_master").fetchall()
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error
    return connection


def read_bounded(cache: diskcache.Cache, key: str) -> bytes | None:
    """The value of a key, or None; a planted one of a gigabyte is not brought into memory to find that out.

    Raises:
        CorruptEntry: it is larger than any that is written here, or of a kind that `BytesDisk` refuses.
        sqlite3.Error, diskcache.Timeout: the database cannot be read.
    """
    connection = cache._con  # this thread's own
    before = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    try:
        return cache.get(key)
    except sqlite3.DataError as error:
        if sqlite_code(error) != sqlite3.SQLITE_TOOBIG:
            raise
        raise CorruptEntry(f"it is larger than {LONGEST_VALUE:,} bytes") from error
    finally:
        # Deleting a row reads it whole, for the triggers of the change log.
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)


def count_entries(folder: Path) -> dict[str, int]:
    """Stored entries by kind (the tag they were written with).

    Raises:
        StoreError: the database cannot be read.
    """
    query = "SELECT tag, COUNT(*) FROM Cache WHERE tag IS NOT NULL GROUP BY tag"
    return dict(rows(results_database(folder), query, describe(folder)))


def _open(folder: Path, size_limit_bytes: int, max_age: float | None, timeout: float) -> diskcache.Cache:
    database = results_database(folder)
    begin_file(database)
    _forget_settings(database, max_age, timeout)
    settings = {**SETTINGS, "size_limit": size_limit_bytes}
    cache = diskcache.Cache(str(folder), timeout=timeout, disk=BytesDisk, **settings)
    cache._sql(_AGES)
    install(database, timeout)
    cache.get("")
    cache.volume()
    cache.expire()  # in short transactions of its own
    return cache


def _forget_settings(database: Path, max_age: float | None, timeout: float) -> None:
    """Drops the settings that diskcache would read back, and gives every entry the present age limit.

    They are given anew at each opening: diskcache makes attributes and pragmas of whatever it finds there.
    """
    keep = ", ".join("?" for _ in METADATA)
    with closing(sqlite3.connect(database, timeout=timeout)) as connection:
        refuse_foreign(connection, "Cache")
        connection.execute("PRAGMA synchronous = NORMAL")  # as diskcache has it: no commit waits for the disk
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        with connection:
            if "Settings" in tables:
                connection.execute(f"DELETE FROM Settings WHERE key NOT IN ({keep})", tuple(METADATA))
            if "Cache" in tables:
                connection.execute(_AGES)  # of a store that an older version made
        if "Cache" in tables:
            _give_age(connection, max_age)


def _give_age(connection: sqlite3.Connection, max_age: float | None) -> None:
    """Gives every entry the present age limit, some in each transaction: another server may be storing something."""
    others = "SELECT rowid FROM Cache INDEXED BY Cache_ages WHERE expire_time IS NOT store_time + ? LIMIT ?"
    found, before = connection.execute(others, (max_age, _AGED)).fetchall(), None
    while found and found != before:  # rows that somebody planted may stay as they are
        with connection:
            connection.executemany(
                "UPDATE Cache SET expire_time = store_time + ? WHERE rowid = ?", [(max_age, row) for (row,) in found]
            )
        found, before = connection.execute(others, (max_age, _AGED)).fetchall(), found
