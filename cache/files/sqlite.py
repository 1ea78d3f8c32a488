"""Opens a SQLite file of this program: migrated to this version, a broken one moved aside, never overwritten."""

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from cache.errors import StoreError, is_damage, store_error
from cache.files.folders import alone, move_aside, private_folder

logger = logging.getLogger(__name__)

Migrations = Sequence[tuple[str, ...]]
"""One tuple of statements per version; append, never edit: files in use stand at any of them."""


def open_file(
    path: str | Path,
    what: str,
    migrations: Migrations,
    timeout: float,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> sqlite3.Connection:
    """A connection to the file at `path`, which several threads may use one after the other.

    Args:
        path: the file; its folder, which is this file's alone, is created with mode 0700.
        what: how messages call it ("The history").
        timeout: seconds to wait for another process that writes.
        functions: SQL functions that migrations, triggers or queries call.

    Raises:
        StoreError: the folder or file cannot be used, or a newer version of this program wrote it.
    """
    given = Path(path)
    file = private_folder(given.parent, f"{given.name}*", what) / given.name
    try:
        with alone(file.parent):
            try:
                return _open(file, what, migrations, timeout, functions or {})
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
            aside = move_aside(file)
            logger.warning("%s was damaged; it is now %s, and a fresh one begins.", what, aside)
            return _open(file, what, migrations, timeout, functions or {})
    except (sqlite3.Error, OSError) as error:
        raise store_error(error, f"{what} in {file}") from error


def check_file(path: Path, what: str, table: str) -> None:
    """Reads from the file and writes to it, without changing what is in it.

    Args:
        what: how messages call it.
        table: one that is there.

    Raises:
        StoreError: that does not work; the sentence says why.
    """
    try:
        # A connection of its own: the one that is open goes on with a file that was taken away.
        with closing(existing(path, timeout=5.0)) as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(f"SELECT rowid FROM {table} LIMIT 1").fetchall()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute(f"PRAGMA user_version = {version}")  # a write like any other
    except sqlite3.Error as error:
        raise store_error(error, f"{what} in {path}") from error


def _open(
    file: Path, what: str, migrations: Migrations, timeout: float, functions: Mapping[str, Callable[..., Any]]
) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        for name, function in functions.items():
            connection.create_function(name, -1, function, deterministic=True)
        _migrate(connection, f"{what} in {file}", migrations)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection, name: str, migrations: Migrations) -> None:
    # IMMEDIATE: of two processes that open an old file, the second waits here and finds it new.
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(migrations):
            raise StoreError(
                f"{name} was written by a newer version of this program. Update the program, or choose another folder."
            )
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


def storable(value: Any) -> Any:
    """Text as SQLite takes it: no half surrogate pairs, and no NUL, at which its LIKE stops."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return value


def structure_problem(database: Path, what: str) -> str | None:
    """What SQLite finds wrong with a database file itself, or None; the file need not be there."""
    if not database.exists():
        return None
    try:
        ((found,), *_) = rows(database, "PRAGMA quick_check(1)", what)
    except StoreError as error:
        return str(error)
    return None if found == "ok" else found


def read_only(database: Path, timeout: float = 30.0) -> sqlite3.Connection:
    """A connection that can change nothing, to a file that is there."""
    return _connect(database, "ro", timeout)


def existing(database: Path, timeout: float) -> sqlite3.Connection:
    """A connection that reads and writes a file that is there, and never makes one."""
    return _connect(database, "rw", timeout)


def _connect(database: Path, mode: Literal["ro", "rw"], timeout: float) -> sqlite3.Connection:
    address = f"{database.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(address, uri=True, timeout=timeout, isolation_level=None)


def rows(database: Path, query: str, what: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a query of a file finds, nothing being changed.

    Args:
        what: how messages call the file.
        values: bound to the query.

    Raises:
        StoreError: the file cannot be read.
    """
    try:
        with closing(read_only(database)) as connection:
            return connection.execute(query, values).fetchall()
    except sqlite3.Error as error:
        raise store_error(error, what) from error
