"""Opening the SQLite file behind the history, and bringing it up to this version."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from cache.files.sqlite import open_file, read_only
from cache.runs.ngrams import ngrams
from cache.runs.versions import MIGRATIONS
from core.errors import ExplainError
from core.schema import ExplainRequest

_REWRITTEN = 6
_MOMENT = 1000
"""Runs that are copied and indexed anew within a moment."""
_LOOKED_THROUGH = 20_000
"""Runs that are looked through within a moment, as every later migration does."""


def open_runs(path: str | Path, timeout: float) -> sqlite3.Connection:
    """A connection to the history; see `cache.files.sqlite.open_file`, whose errors it raises."""
    # The index of short words is written with this function of SQL.
    functions = {"explained": _explained, "grams": ngrams}
    connection = open_file(path, "The history", "runs", MIGRATIONS, timeout, functions)
    # 32 MB instead of 2: what a search for a short word looks through, at some 100,000 runs.
    connection.execute("PRAGMA cache_size = -32768")
    return connection


def waits_for_migration(file: Path) -> int:
    """How many runs a history has whose migration takes more than a moment; 0 where it takes none, or cannot be told.

    Versions before `_REWRITTEN` are copied and indexed anew row by row, a second or more for each ten thousand; later
    ones are looked through once, for indexes of new columns.
    """
    try:
        with closing(read_only(file, timeout=0.1)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            old = 0 < version < len(MIGRATIONS)
            (runs,) = connection.execute("SELECT COUNT(*) FROM runs").fetchone() if old else (0,)
    except sqlite3.Error:
        return 0
    return runs if runs > (_MOMENT if version < _REWRITTEN else _LOOKED_THROUGH) else 0


def columns_of(table: str, version: int | None) -> list[str]:
    """The columns of a table in their order, as a file of that version holds them; None for this version's."""
    known = len(MIGRATIONS) if version is None or not 0 < version <= len(MIGRATIONS) else version
    with closing(sqlite3.connect(":memory:")) as connection:
        for name, function in {"explained": _explained, "grams": ngrams}.items():
            connection.create_function(name, -1, function, deterministic=True)
        for statements in MIGRATIONS[:known]:
            for statement in statements:
                connection.execute(statement)
        return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _explained(request: str) -> str:
    """What a stored request explains, in words; "" where this version no longer reads it."""
    try:
        return ExplainRequest.from_dict(json.loads(request)).target.describe()
    except (ExplainError, KeyError, TypeError, ValueError):
        return ""
