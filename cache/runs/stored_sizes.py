"""How many bytes of each run are stored, kept in the history so that it can be filtered and sorted by them.

Results and history are two databases. The results' log of changes (`cache.results.change_log`) tells which passes were
written and how recent what was dropped had been. The runs that this can concern are noted in the history as uncounted,
a few at a time, and looked up again exactly, a few at a time. No transaction is longer than a few rows, and nothing is
looked up or worked out while one is open. One process at a time does this; a kill loses nothing, for the log forgets
only what the history has noted, and a note goes only with its count.
"""

import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from cache import keys
from cache.errors import store_error
from cache.files.leases import held
from cache.files.portions import immediate, write_in_portions
from cache.files.sqlite import existing
from cache.results.disk import describe, results_database
from cache.results.sizes import Extent, stored_extents
from cache.runs.history import RunHistory
from core.errors import ExplainError
from core.schema import ExplainRequest
from core.schema.run_requests import whole_run

NOTED = 500
"""Rows that one transaction notes as uncounted, or of the log that it takes over: some milliseconds."""
COUNTED = 8
"""Runs that somebody counts who waits: some milliseconds."""
_AT_ONCE = 50
"""Runs that are looked up at once. What each consists of takes a fifth of a millisecond, with no lock held."""

_EVERY = "SELECT id FROM runs WHERE id > ? ORDER BY id LIMIT ?"
_OF_PASS = "SELECT run FROM run_passes WHERE pass = ? AND run > ? ORDER BY run LIMIT ?"
_STORED_BEFORE = (
    "SELECT stored_since, id FROM runs INDEXED BY runs_stored WHERE stored IS NOT NULL AND stored_since <= ? "
    "AND (stored_since, id) > (?, ?) ORDER BY stored_since, id LIMIT ?"
)


@dataclass(frozen=True)
class _News:
    """What the change log tells: the database's name, passes by their numbers, and what was dropped."""

    epoch: str
    written: dict[int, str]
    until: float | None
    drops: int


def recount(
    history: RunHistory, folder: Path, most: int | None = None, between: Callable[[], object] = lambda: None
) -> bool:
    """Brings the stored sizes in the history up to date with the results in `folder`.

    Takes a millisecond where nothing has changed. Does nothing while another process or thread is at it.

    Args:
        most: count so many runs at most, for those who cannot wait; None for all.
        between: called after each short step, with no lock held.

    Returns:
        Whether all is counted.

    Raises:
        StoreError: one of the databases cannot be used.
    """
    try:
        with closing(existing(results_database(folder), 30.0)) as results:
            if not _is_due(history, _news(results)):
                return True
            with held(history.connection.beside("counting")) as alone:
                if not alone:
                    return False
                if most is not None and _is_long(history, _news(results)):
                    return False  # the background does it
                while _take_over(history, results, between):
                    between()
                return _count_all(history, folder, most, between)
    except (sqlite3.Error, OSError) as error:
        raise store_error(error, describe(folder)) from error


def uncounted(history: RunHistory) -> int:
    """How many runs wait to be counted, as far as that is noted."""
    with history.connection.statements() as runs:
        return runs.execute("SELECT COUNT(*) FROM uncounted").fetchone()[0]


def _news(results: sqlite3.Connection) -> _News:
    epoch, until, drops = results.execute("SELECT epoch, until, drops FROM Journal").fetchone()
    written = results.execute("SELECT number, pass FROM Written ORDER BY number LIMIT ?", (NOTED,))
    return _News(epoch, dict(written.fetchall()), until, drops)


def _is_due(history: RunHistory, news: _News) -> bool:
    with history.connection.statements() as runs:
        epoch = runs.execute("SELECT (SELECT epoch FROM counted_store)").fetchone()[0]
        waits = runs.execute("SELECT EXISTS (SELECT 1 FROM uncounted)").fetchone()[0]
    return bool(news.written or news.until is not None or waits or epoch != news.epoch)


def _is_long(history: RunHistory, news: _News) -> bool:
    """Whether even noting what is uncounted takes more than a moment."""
    with history.connection.statements() as runs:
        epoch = runs.execute("SELECT (SELECT epoch FROM counted_store)").fetchone()[0]
        many = runs.execute("SELECT COUNT(*) FROM (SELECT 1 FROM runs LIMIT ?)", (NOTED + 1,)).fetchone()[0] > NOTED
        dropped = "SELECT COUNT(*) FROM (SELECT 1 FROM runs WHERE stored IS NOT NULL AND stored_since <= ? LIMIT ?)"
        lost = runs.execute(dropped, (news.until, NOTED + 1)).fetchone()[0] > NOTED
    return len(news.written) >= NOTED or lost or (many and epoch != news.epoch)


def _take_over(history: RunHistory, results: sqlite3.Connection, between: Callable[[], object]) -> bool:
    """Notes the runs that the next part of the log concerns, and lets the log forget it; whether there was any."""
    news = _news(results)
    with history.connection.statements() as runs:
        known = runs.execute("SELECT epoch FROM counted_store").fetchone()
    if known is None or known[0] != news.epoch:
        # Another database than before: nothing that is known of it holds.
        _note(history, _found(history, _EVERY, (), (-(2**63),)), between)
        with history.connection.transaction() as runs:
            runs.execute("DELETE FROM counted_store")
            runs.execute("INSERT INTO counted_store VALUES (?)", (news.epoch,))
    if not news.written and news.until is None:
        return False
    # One pass may belong to any number of runs: page by page, too.
    passes = [keys.short(name) for name in news.written.values()]
    _note(history, chain.from_iterable(_found(history, _OF_PASS, (each,), (-(2**63),)) for each in passes), between)
    if news.until is not None:
        # What a run consists of was stored no earlier than when its oldest part was, as it was last counted.
        _note(history, _found(history, _STORED_BEFORE, (news.until,), (-math.inf, -(2**63))), between)
    _forget(results, news)
    return True


def _found(history: RunHistory, query: str, values: Sequence[Any], begin: tuple[Any, ...]) -> Iterator[int]:
    """The runs that a query finds, read some at a time, with no lock held while they are used.

    Args:
        values: bound in the query first; then the last row's columns, and how many.
        begin: comes before every row's columns; the run is the last of them.
    """
    last = begin
    while True:
        with history.connection.statements() as runs:
            found = [tuple(row) for row in runs.execute(query, (*values, *last, NOTED))]
        yield from (row[-1] for row in found)
        if len(found) < NOTED:
            return
        last = found[-1]


def _note(history: RunHistory, found: Iterator[int], between: Callable[[], object]) -> None:
    """Notes runs as uncounted, some at a time."""
    while some := list(islice(found, NOTED)):
        write_in_portions(some, history.connection.transaction, _note_one, between, most=NOTED)


def _note_one(runs: sqlite3.Connection, run: int) -> None:
    runs.execute("INSERT OR IGNORE INTO uncounted VALUES (?)", (run,))


def _count_all(history: RunHistory, folder: Path, most: int | None, between: Callable[[], object]) -> bool:
    left = most
    while left is None or left > 0:
        number = _AT_ONCE if left is None else min(_AT_ONCE, left)
        with history.connection.statements() as runs:
            # The latest first: they are what people look at.
            ids = [row[0] for row in runs.execute("SELECT run FROM uncounted ORDER BY run DESC LIMIT ?", (number,))]
        if not ids:
            return True
        _count(history, folder, ids)
        left = None if left is None else left - len(ids)
        between()
    return uncounted(history) == 0


def _count(history: RunHistory, folder: Path, ids: Sequence[int]) -> None:
    """Looks runs up in the results, and only then writes down what was found.

    Whatever changes in the results meanwhile stands in their log, which nobody else takes over now.
    """
    marks = ", ".join("?" * len(ids))
    with history.connection.statements() as runs:
        stored = runs.execute(f"SELECT id, request FROM run_details WHERE id IN ({marks})", ids).fetchall()
    requests = {row["id"]: _consists_of(row["request"]) for row in stored}
    passes = [[keys.pass_key(request) for request in run] for run in requests.values()]
    # The passes first: what is written after this look is found by them.
    pairs = [(keys.short(key), run) for run, of_run in zip(requests, passes, strict=True) for key in of_run]
    write_in_portions(pairs, history.connection.transaction, _write_pass)
    extents = stored_extents(folder, list(requests.values()), passes)
    known = dict(zip(requests, map(_columns, extents), strict=True))
    # A run that was deleted meanwhile is not there to be counted, and neither is its note.
    counts = [(*known.get(run, (None, None)), run) for run in ids]
    write_in_portions(counts, history.connection.transaction, _write_count)


def _write_pass(runs: sqlite3.Connection, pair: tuple[int, int]) -> None:
    runs.execute("INSERT OR IGNORE INTO run_passes (pass, run) VALUES (?, ?)", pair)


def _write_count(runs: sqlite3.Connection, count: tuple[int | None, float | None, int]) -> None:
    # A row that stays as it is costs nothing: an index of all lists would be written anew.
    runs.execute(
        "UPDATE runs SET stored = ?1, stored_since = ?2 WHERE id = ?3 AND (stored IS NOT ?1 OR stored_since IS NOT ?2)",
        count,
    )
    runs.execute("DELETE FROM uncounted WHERE run = ?", (count[2],))


def _columns(extent: Extent | None) -> tuple[int | None, float | None]:
    return (None, None) if extent is None else (extent.size, extent.since)


def _consists_of(request: Any) -> Sequence[ExplainRequest]:
    """What a run consists of, by its stored request; nothing where it is damaged or of a version not read here."""
    try:
        return whole_run(ExplainRequest.from_dict(json.loads(request)))
    except (ExplainError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return []


def _forget(results: sqlite3.Connection, news: _News) -> None:
    if news.written or news.until is not None:
        with immediate(results):
            results.executemany("DELETE FROM Written WHERE number = ?", [(number,) for number in news.written])
            # Unless more was dropped meanwhile.
            results.execute("UPDATE Journal SET until = NULL WHERE drops = ?", (news.drops,))
