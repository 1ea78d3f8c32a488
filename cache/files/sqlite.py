"""Opens a SQLite file of this program: migrated to this version, a broken one moved aside, never overwritten."""

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Literal

from cache.errors import StoreError, is_damage, store_error
from cache.files.folders import alone, begin_file, move_aside, private_folder, refuse_other

logger = logging.getLogger(__name__)

LONGEST_LOG = 2**27
"""Bytes of a file's log at which whoever writes empties it, with all who wait for them."""

Migrations = Sequence[tuple[str, ...]]
"""One tuple of statements per version; append, never edit: files in use stand at any of them."""


def open_file(
    path: str | Path,
    what: str,
    table: str,
    migrations: Migrations,
    timeout: float,
    functions: Mapping[str, Callable[..., Any]] | None = None,
) -> sqlite3.Connection:
    """A connection to the file at `path`, which several threads may use one after the other.

    A damaged file, and another program's, is moved aside.

    Args:
        path: the file; its folder, which is this file's alone, is created with mode 0700.
        what: how messages call it ("The history").
        table: one that is there at every version; a file that has others instead is another program's.
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
                return _open(file, what, table, migrations, timeout, functions or {})
            except sqlite3.DatabaseError as error:
                if not is_damage(error):
                    raise
            aside = move_aside(file)
            logger.warning("%s was damaged; it is now %s, and a fresh one begins.", what, aside)
            return _open(file, what, table, migrations, timeout, functions or {})
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
    file: Path,
    what: str,
    table: str,
    migrations: Migrations,
    timeout: float,
    functions: Mapping[str, Callable[..., Any]],
) -> sqlite3.Connection:
    begin_file(file)
    connection = sqlite3.connect(file, timeout=timeout, isolation_level=None, check_same_thread=False)
    try:
        connection.row_factory = sqlite3.Row
        # Bytes that are no text in one row must not cost every row of a list.
        connection.text_factory = lenient
        if version_of(connection) <= len(migrations):  # of a newer one it is not known which tables it has
            refuse_foreign(connection, table)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        # Emptying the log waits for the disk, and with whoever fills it all threads that share the connection: some
        # 100 ms. A server's upkeep does it by `empty_log` before that; this is for processes that have none.
        connection.execute(f"PRAGMA wal_autocheckpoint = {LONGEST_LOG // 4096}")
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
        version = version_of(connection)
        if version > len(migrations):
            raise StoreError(
                f"{name} was written by a newer version of this program. Update the program, or choose another folder."
            )
        for statements in migrations[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")


def version_of(connection: sqlite3.Connection) -> int:
    """At which migration a file stands; 0 where nothing of ours is in it yet."""
    return connection.execute("PRAGMA user_version").fetchone()[0]


def refuse_foreign(connection: sqlite3.Connection, table: str) -> None:
    """Lets a file pass that has a table of ours, and one in which nothing is yet.

    Raises:
        sqlite3.DatabaseError: it has others instead, as another program's has; said as of a file that is no database.
    """
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if table in tables or not (tables or version_of(connection)):
        return
    error = sqlite3.DatabaseError(f"it has no table {table}, so it is another program's")
    error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
    raise error


def is_foreign(database: Path, table: str) -> bool:
    """Whether a file is there that has not got a table of ours, since it is another program's or was cut off.

    Raises:
        StoreError: it cannot be read.
    """
    refuse_other(database)
    query = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?)"
    return database.exists() and not rows(database, query, str(database), table)[0][0]


def lenient(data: bytes) -> str:
    """Text as SQLite holds it; what is no UTF-8 is replaced."""
    return data.decode("utf-8", "replace")


def storable(value: Any) -> Any:
    """Text as SQLite takes it: no half surrogate pairs, and no NUL, at which its LIKE stops."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return value


def structure_problem(database: Path, what: str, table: str) -> str | None:
    """What is wrong with a database file itself, or None; the file need not be there.

    Args:
        what: how messages call it.
        table: see `open_file`.
    """
    try:
        refuse_other(database)
        if not database.exists():
            return None
        if not database.stat().st_size:
            return f"{what} is an empty file: somebody has cut it off."
        with closing(read_only(database)) as connection:
            refuse_foreign(connection, table)
            ((found,), *_) = connection.execute("PRAGMA quick_check(1)").fetchall()
    except StoreError as error:
        return str(error)
    except sqlite3.Error as error:
        return str(store_error(error, what))
    return None if found == "ok" else found


def read_only(database: Path, timeout: float = 30.0) -> sqlite3.Connection:
    """A connection that can change nothing, to a file that is there."""
    return _connect(database, "ro", timeout)


def existing(database: Path, timeout: float) -> sqlite3.Connection:
    """A connection that reads and writes a file that is there, and never makes one."""
    connection = _connect(database, "rw", timeout)
    try:
        # As every connection to these files has it: a commit waits for no disk while others wait for its lock.
        connection.execute("PRAGMA synchronous = NORMAL")
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(database: Path, mode: Literal["ro", "rw"], timeout: float) -> sqlite3.Connection:
    address = f"{database.absolute().as_uri()}?mode={mode}"
    connection = sqlite3.connect(address, uri=True, timeout=timeout, isolation_level=None)
    connection.text_factory = lenient
    return connection


def empty_log(database: Path, what: str) -> None:
    """Brings what lies in a file's log into the file, as far as nobody reads the old; nobody waits for it.

    Raises:
        StoreError: the file cannot be used.
    """
    try:
        with closing(existing(database, timeout=5.0)) as connection:
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
    except sqlite3.Error as error:
        raise store_error(error, what) from error


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
