"""What the history names: counts, and digests of pictures. Changes nothing."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from cache.errors import store_error
from cache.files.sqlite import read_only, rows
from cache.runs.record import UnreadableRow, from_columns

_AT_ONCE = 200


def count_runs(history: Path) -> int:
    """Rows of the history; 0 where there is none."""
    return rows(history, "SELECT COUNT(*) FROM runs", _history(history))[0][0] if history.exists() else 0


def named_pictures(history: Path) -> set[str] | None:
    """The digests of the pictures that runs are about, each of several in one prompt; None while one cannot be read.

    What an unreadable row names is not known, so nobody can say of a picture that no run names it.
    """
    is_json = "typeof(request) = 'text' AND json_valid(request)"
    unreadable = f"SELECT EXISTS (SELECT 1 FROM run_details WHERE NOT ({is_json}))"
    if rows(history, unreadable, _history(history))[0][0]:
        return None
    query = (
        "SELECT image FROM runs UNION "
        # Of most runs the first one is the only one: their requests need not be parsed.
        "SELECT value FROM (SELECT request FROM run_details WHERE instr(request, '\"images\"')), "
        "json_each(request, '$.images')"
    )
    return {str(row[0]) for row in rows(history, query, _history(history))}


def unreadable_rows(history: Path, between: Callable[[], object] = lambda: None) -> dict[int, str]:
    """Rows that hold what no record is made of, by their number: which column it is. A few hundred at a time are read.

    Args:
        between: called after each of these.

    Raises:
        StoreError: the file itself cannot be read.
    """
    found: dict[int, str] = {}
    last = -(2**63)
    if not history.exists():
        return found
    try:
        with closing(read_only(history)) as connection:
            connection.row_factory = sqlite3.Row
            query = "SELECT * FROM runs LEFT JOIN run_details USING (id) WHERE id > ? ORDER BY id LIMIT ?"
            while some := connection.execute(query, (last, _AT_ONCE)).fetchall():
                for row in some:
                    try:
                        from_columns(row)
                    except UnreadableRow as error:
                        found[row["id"]] = str(error)
                last = some[-1]["id"]
                between()
    except sqlite3.Error as error:
        raise store_error(error, _history(history)) from error
    return found


def _history(file: Path) -> str:
    return f"The history in {file}"
