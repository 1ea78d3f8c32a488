"""What happened to the entries of the result store: kept by triggers of its own database.

Whoever drops an entry (the size limit, the age limit, cleaning up, another process), the same transaction writes it
down. From this the Storage panel says what was dropped, and `cache.runs.stored_sizes` learns which runs to count anew.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

from cache.errors import store_error
from cache.files.sqlite import existing, read_only
from cache.results.disk import describe, results_database

Reason = Literal["evicted", "expired", "cleaned", "damaged"]

MOST_RECORDS = 5_000
"""Records: one an hour in which something was dropped, for each reason and kind. The oldest go first."""

_HOUR = 3600
_NOW = "CAST(strftime('%s', 'now') AS INTEGER)"
_ADD = (
    "INSERT INTO Dropped (hour, reason, kind, latest, entries, size) VALUES ({values}) "
    "ON CONFLICT (hour, reason, kind) DO UPDATE SET "
    "latest = excluded.latest, entries = entries + excluded.entries, size = size + excluded.size"
)
_SCHEMA = (
    # One row. `epoch` names this database: a fresh one after damage has another. `until` is the latest time at which
    # anything was stored that has been dropped since `stored_sizes` last looked, `drops` how often.
    "CREATE TABLE Journal (epoch TEXT NOT NULL, until REAL, drops INTEGER NOT NULL)",
    # Passes that were written since then.
    "CREATE TABLE Written (number INTEGER PRIMARY KEY AUTOINCREMENT, pass TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE Dropped (
        hour INTEGER, reason TEXT, kind TEXT, latest INTEGER NOT NULL, entries INTEGER NOT NULL, size INTEGER NOT NULL,
        PRIMARY KEY (hour, reason, kind)
    ) WITHOUT ROWID
    """,
    # Empty but within a transaction that drops for a reason of its own.
    "CREATE TABLE Reason (reason TEXT NOT NULL)",
    f"""
    CREATE TRIGGER Dropped_bounded AFTER INSERT ON Dropped BEGIN
        DELETE FROM Dropped WHERE hour <= (SELECT hour FROM Dropped ORDER BY hour DESC LIMIT 1 OFFSET {MOST_RECORDS});
    END
    """,
    *(
        f"""
        CREATE TRIGGER Journal_{name} AFTER {event} ON Cache WHEN NEW.tag = 'pass' BEGIN
            DELETE FROM Written WHERE pass = NEW.key;
            INSERT INTO Written (pass) VALUES (NEW.key);
        END
        """
        for name, event in (("insert", "INSERT"), ("update", "UPDATE OF store_time"))
    ),
    # A clock that was set back: what is counted as recent is older now.
    """
    CREATE TRIGGER Journal_older AFTER UPDATE OF store_time ON Cache WHEN NEW.store_time < OLD.store_time BEGIN
        UPDATE Journal SET until = MAX(IFNULL(until, 0), OLD.store_time), drops = drops + 1;
    END
    """,
    f"""
    CREATE TRIGGER Journal_delete AFTER DELETE ON Cache BEGIN
        UPDATE Journal SET until = MAX(IFNULL(until, 0), OLD.store_time), drops = drops + 1;
        {
        _ADD.format(
            values=f"{_NOW} / {_HOUR} * {_HOUR}, IFNULL((SELECT reason FROM Reason), "
            f"CASE WHEN OLD.expire_time <= {_NOW} + 1 THEN 'expired' ELSE 'evicted' END), "
            f"IFNULL(OLD.tag, 'unknown'), {_NOW}, 1, IFNULL(LENGTH(OLD.value), 0)"
        )
    };
    END
    """,
)


@dataclass(frozen=True)
class Drop:
    """What was dropped within an hour for one reason.

    Attributes:
        latest: when the last of it was, seconds since 1970.
        reason: "evicted" beyond the size limit, "expired" beyond the age limit, "cleaned" up, or "damaged".
        kind: of the entries; "picture" for files of pictures.
        entries, size: how many, and their bytes.
    """

    latest: float
    reason: str
    kind: str
    entries: int
    size: int


def install(database: Path, timeout: float) -> None:
    """Gives a database that diskcache has made its change log, unless it has one."""
    with closing(sqlite3.connect(database, timeout=timeout, isolation_level=None)) as connection, connection:
        if _is_installed(connection.execute):
            return
        connection.execute("BEGIN IMMEDIATE")
        if _is_installed(connection.execute):  # another process was first
            return
        for statement in _SCHEMA:
            connection.execute(statement)
        connection.execute("INSERT INTO Journal VALUES (?, NULL, 0)", (uuid4().hex,))


@contextmanager
def because(execute: Callable[..., Any], reason: Reason) -> Iterator[None]:
    """Within a transaction: what is dropped is for this reason. A store that no server has opened yet has no log.

    Args:
        execute: of the connection that drops.
    """
    installed = _is_installed(execute)
    if installed:
        execute("INSERT INTO Reason VALUES (?)", (reason,))
    yield
    if installed:
        execute("DELETE FROM Reason")


def note(folder: Path, reason: Reason, kind: str, entries: int, size: int) -> None:
    """Writes down what was dropped beside the database, such as files of pictures.

    Raises:
        StoreError: the database cannot be used.
    """
    if not entries:
        return
    values = f"{_NOW} / {_HOUR} * {_HOUR}, ?, ?, {_NOW}, ?, ?"
    try:
        with closing(existing(results_database(folder), 30.0)) as connection:
            if _is_installed(connection.execute):
                connection.execute(_ADD.format(values=values), (reason, kind, entries, size))
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error


def dropped(folder: Path, most: int) -> list[Drop]:
    """The latest records of what was dropped, latest first.

    Raises:
        StoreError: the database cannot be read.
    """
    query = (
        # The kind of a row that somebody planted need not be text.
        "SELECT latest, reason, CASE typeof(kind) WHEN 'text' THEN kind ELSE 'unknown' END, entries, size "
        "FROM Dropped ORDER BY hour DESC, latest DESC, reason, kind LIMIT ?"
    )
    try:
        with closing(read_only(results_database(folder))) as connection:
            if not _is_installed(connection.execute):
                return []
            return [Drop(*row) for row in connection.execute(query, (most,))]
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error


def _is_installed(execute: Callable[..., Any]) -> bool:
    sql = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'trigger' AND name = 'Journal_delete'"
    return bool(execute(sql).fetchone()[0])
