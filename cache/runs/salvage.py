"""Every row of a damaged history that can still be read, from wherever in the file it can be.

A damaged page costs the rows on it. First the tables are read through SQLite, by ranges of numbers that are halved
where one fails. What that leaves out is read off the pages themselves (`cache.files.pages`), and what is gone from the
table of runs off its indexes, which repeat most columns. What was deleted is not brought back: only numbers that SQLite
could not read are taken from pages.
"""

import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cache.files.folders import make_private
from cache.files.losses import LOGS
from cache.files.pages import MAGIC, Pages
from cache.files.sqlite import lenient
from cache.runs.migrations import columns_of

Columns = dict[str, Any]

_NAME = re.compile(r"[0-9a-f]{16}(/.*)?", re.DOTALL)
_INDEXES = (
    ("sqlite_autoindex_runs_1", "run_id", ""),
    ("runs_trash", "deleted", " WHERE deleted IS NOT NULL"),  # what each index is about
    (
        "runs_listed",
        "created, pinned, rating, num_samples, duration, model_name, method, who, picture_name, updated, tags, "
        "private_to",
        " WHERE deleted IS NULL",
    ),
)
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


@dataclass
class Salvage:
    """What could be read of a history.

    Attributes:
        runs: the columns of each row of `runs`, by its number; those that only indexes had are not all there.
        details: likewise of `run_details`.
        known: numbers of all rows that are known to have been there.
    """

    runs: dict[int, Columns] = field(default_factory=dict)
    details: dict[int, Columns] = field(default_factory=dict)
    known: set[int] = field(default_factory=set)


def salvage(file: Path) -> Salvage:
    """Reads what can be read of a history; the file itself is not touched.

    Raises:
        OSError: it cannot be read at all, or copied to the temporary folder.
    """
    found = Salvage()
    with tempfile.TemporaryDirectory(prefix="smooth-gradcam-recover-") as folder:
        make_private(Path(folder))
        copy = Path(folder) / "copy.sqlite"
        for suffix in (*LOGS[:1], ""):
            if file.with_name(file.name + suffix).exists():
                shutil.copyfile(file.with_name(file.name + suffix), copy.with_name(copy.name + suffix))
        _put_header(copy)
        holes = _by_sql(copy, found)
        _by_page(Pages(copy.read_bytes()), holes, found)
    found.known |= set(found.runs) | set(found.details)
    return found


def _put_header(file: Path) -> None:
    """Gives a file whose first hundred bytes are damaged those of a file of ours, so that SQLite reads on."""
    with file.open("r+b") as handle:
        if handle.read(16) == MAGIC:
            return
        size = 4096
        pages = file.stat().st_size // size
        header = bytearray(100)
        header[:24] = MAGIC + size.to_bytes(2, "big") + bytes((2, 2, 0, 64, 32, 32))
        header[24:28] = header[92:96] = (1).to_bytes(4, "big")
        header[28:32] = pages.to_bytes(4, "big")
        header[44:48] = (4).to_bytes(4, "big")
        header[56:60] = (1).to_bytes(4, "big")
        handle.seek(0)
        handle.write(header)


def _by_sql(file: Path, found: Salvage) -> dict[str, list[tuple[int, int]]]:
    """Reads both tables and the indexes; returns the ranges of numbers of each table that could not be read."""
    everything = {"runs": [(_LOWEST, _HIGHEST)], "run_details": [(_LOWEST, _HIGHEST)]}
    try:
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            connection.text_factory = lenient
            connection.row_factory = sqlite3.Row
            with suppress(sqlite3.Error):
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchall()
            for index, columns, about in _INDEXES:
                _by_index(connection, f"SELECT id, {columns} FROM runs INDEXED BY {index}{about}", found)
            holes = {}
            for table, rows in (("runs", found.runs), ("run_details", found.details)):
                holes[table] = []
                for row in _ranges(connection, table, holes[table], found.known):
                    rows[row["id"]] = {**rows.get(row["id"], {}), **dict(row)}
            return holes
    except sqlite3.Error:
        return everything


def _by_index(connection: sqlite3.Connection, query: str, found: Salvage) -> None:
    with suppress(sqlite3.Error):
        # What has been read before a damaged page stays read.
        for row in connection.execute(query):
            found.known.add(row["id"])
            found.runs.setdefault(row["id"], {}).update(dict(row))


def _ranges(
    connection: sqlite3.Connection, table: str, holes: list[tuple[int, int]], known: set[int]
) -> Iterator[sqlite3.Row]:
    """The rows of a table; a range that fails is halved, and where one number fails it is a hole."""
    lowest, highest = _extent(connection, table, known)
    if (lowest, highest) != (_LOWEST, _HIGHEST):
        # Where the ends are known from elsewhere, there may be more beyond them on pages.
        holes += [(_LOWEST, lowest - 1), (highest + 1, _HIGHEST)] if not _is_sound_end(connection, table) else []
    waiting = [(lowest, highest)]
    while waiting:
        first, last = waiting.pop()
        try:
            rows = connection.execute(f"SELECT * FROM {table} WHERE id BETWEEN ? AND ?", (first, last)).fetchall()
        except sqlite3.Error:
            if first == last or last - first > 2**40:
                holes.append((first, last))
            else:
                middle = (first + last) // 2
                waiting += [(middle + 1, last), (first, middle)]
            continue
        yield from rows


def _extent(connection: sqlite3.Connection, table: str, known: set[int]) -> tuple[int, int]:
    try:
        lowest, highest = connection.execute(f"SELECT MIN(id), MAX(id) FROM {table}").fetchone()
    except sqlite3.Error:
        return (min(known), max(known)) if known else (_LOWEST, _HIGHEST)
    return (0, 0) if lowest is None else (lowest, highest)


def _is_sound_end(connection: sqlite3.Connection, table: str) -> bool:
    try:
        connection.execute(f"SELECT MIN(id), MAX(id) FROM {table}").fetchone()
    except sqlite3.Error:
        return False
    return True


def _by_page(pages: Pages, holes: Mapping[str, list[tuple[int, int]]], found: Salvage) -> None:
    """Fills the holes with what lies on pages."""
    if not any(holes.values()):
        return
    runs, details = columns_of("runs", pages.version), columns_of("run_details", pages.version)
    for raw in pages.rows():
        values = raw.values
        if _is_run(values, runs) and _within(raw.row, holes["runs"]):
            row = {**dict(zip(runs, values, strict=False)), "id": raw.row}
            found.runs[raw.row] = {**row, **found.runs.get(raw.row, {})}
        elif _is_details(values, details) and _within(raw.row, holes["run_details"]):
            found.details.setdefault(raw.row, {**dict(zip(details, values, strict=False)), "id": raw.row})


def _is_run(values: tuple[Any, ...], columns: list[str]) -> bool:
    return (
        13 < len(values) <= len(columns)
        and values[0] is None
        and isinstance(values[1], str)
        and _NAME.fullmatch(values[1]) is not None
    )


def _is_details(values: tuple[Any, ...], columns: list[str]) -> bool:
    return (
        3 <= len(values) <= max(3, len(columns))
        and values[0] is None
        and isinstance(values[1], str)
        and values[1].startswith("{")
        and isinstance(values[2], bytes)
    )


def _within(row: int, holes: list[tuple[int, int]]) -> bool:
    return any(first <= row <= last for first, last in holes)
