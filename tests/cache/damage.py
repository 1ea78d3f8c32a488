"""Damages single columns of SQLite files, past every check, trigger and type, as a broken page or disk does."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

NOT_UNICODE = object()
"""Bytes that SQLite takes for text and that are no UTF-8: half a surrogate pair."""

KINDS: dict[str, Any] = {
    "broken JSON": "[1, {",
    "JSON of another kind": "7",
    "JSON nested deeply": "[" * 5000,
    "another type": "twelve",
    "NULL": None,
    "blob": b"\xff\x00\x80",
    "no Unicode": NOT_UNICODE,
    "huge": 2**63 - 1,
    "infinite": float("inf"),
}


def columns(file: Path, table: str) -> list[str]:
    """The columns of a table but the row's number."""
    with closing(sqlite3.connect(file)) as connection:
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if not row[5] or row[1] != "id"]


def damage(file: Path, table: str, changes: list[tuple[int, str, Any]]) -> None:
    """Puts values into columns of rows: (row, column, value)."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        schema = connection.execute("SELECT name, sql FROM sqlite_master WHERE name = ?", (table,)).fetchall()
        triggers = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
        ).fetchall()
        _write_schema(
            connection, "UPDATE sqlite_master SET sql = replace(sql, 'NOT NULL', '') WHERE name = ?", (table,)
        )
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        for row, column, value in changes:
            slot, bound = ("CAST(x'eda0bd' AS TEXT)", ()) if value is NOT_UNICODE else ("?", (value,))
            connection.execute(f"UPDATE {table} SET {column} = {slot} WHERE rowid = ?", (*bound, row))
        for _, sql in triggers:
            connection.execute(sql)
        for name, sql in schema:
            _write_schema(connection, "UPDATE sqlite_master SET sql = ? WHERE name = ?", (sql, name))


def _write_schema(connection: sqlite3.Connection, statement: str, values: tuple[Any, ...]) -> None:
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(statement, values)
    (version,) = connection.execute("PRAGMA schema_version").fetchone()
    connection.execute(f"PRAGMA schema_version = {version + 1}")
    connection.execute("PRAGMA writable_schema = OFF")
