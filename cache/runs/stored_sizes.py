"""How many bytes of each run are stored, kept in the history so that it can be filtered and sorted by them.

Results and history are two databases. The results' log of changes (`cache.results.change_log`) tells which passes were
written and how recent what was dropped had been; the runs that this can concern are looked up again, exactly, before
the next list is shown. Nothing is missed by a crash in between: the log forgets only what the history has taken over.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cache import keys
from cache.errors import store_error
from cache.results.disk import describe, results_database
from cache.results.sizes import stored_extents
from cache.runs.history import RunHistory
from core.errors import ExplainError
from core.schema import ExplainRequest
from core.schema.run_requests import whole_run

_AT_ONCE = 500


@dataclass(frozen=True)
class _News:
    """What the change log tells: the database's name, passes by their numbers, and what was dropped."""

    epoch: str
    written: dict[int, str]
    until: float | None
    drops: int


def recount(history: RunHistory, folder: Path) -> None:
    """Brings the stored sizes in the history up to date with the results in `folder`.

    Takes a millisecond where nothing has changed.

    Raises:
        StoreError: one of the databases cannot be used.
    """
    try:
        with closing(sqlite3.connect(results_database(folder), timeout=30.0, isolation_level=None)) as results:
            if not _is_due(history, _news(results)):
                return
            # The history is locked first and the change log read then, so that of two processes the later one sees
            # what the earlier one has not; nobody holds the results and waits for the history.
            with history.connection.transaction() as runs:
                news = _news(results)
                _take_over(runs, news)
                for ids in _slices(_concerned(runs, news)):
                    _count(runs, folder, ids)
            _forget(results, news)
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error


def _news(results: sqlite3.Connection) -> _News:
    epoch, until, drops = results.execute("SELECT epoch, until, drops FROM Journal").fetchone()
    return _News(epoch, dict(results.execute("SELECT number, pass FROM Written")), until, drops)


def _is_due(history: RunHistory, news: _News) -> bool:
    with history.connection.statements() as runs:
        epoch = runs.execute("SELECT (SELECT epoch FROM counted_store)").fetchone()[0]
        waits = runs.execute("SELECT EXISTS (SELECT 1 FROM uncounted)").fetchone()[0]
    return bool(news.written or news.until is not None or waits or epoch != news.epoch)


def _take_over(runs: sqlite3.Connection, news: _News) -> None:
    """Where the results are another database than before, nothing that is known of them holds."""
    known = runs.execute("SELECT epoch FROM counted_store").fetchone()
    if known is None or known[0] != news.epoch:
        runs.execute("DELETE FROM counted_store")
        runs.execute("INSERT INTO counted_store VALUES (?)", (news.epoch,))
        runs.execute("INSERT OR IGNORE INTO uncounted SELECT id FROM runs")


def _concerned(runs: sqlite3.Connection, news: _News) -> list[int]:
    """The runs to be counted: new ones, those that a written pass belongs to, and whatever may have lost something.

    What a run consists of was stored no earlier than when its oldest part was, as it was last counted.
    """
    found = [row[0] for row in runs.execute("SELECT run FROM uncounted")]
    for name in map(_short, news.written.values()):
        found += [row[0] for row in runs.execute("SELECT run FROM run_passes WHERE pass = ?", (name,))]
    if news.until is not None:
        lost = "SELECT id FROM runs WHERE stored IS NOT NULL AND stored_since <= ?"
        found += [row[0] for row in runs.execute(lost, (news.until,))]
    return list(dict.fromkeys(found))


def _count(runs: sqlite3.Connection, folder: Path, ids: Sequence[int]) -> None:
    marks = ", ".join("?" * len(ids))
    requests = {
        run: _consists_of(json.loads(request))
        for run, request in runs.execute(f"SELECT id, request FROM run_details WHERE id IN ({marks})", ids)
    }
    passes = [(_short(keys.pass_key(each)), run) for run, consists in requests.items() for each in consists]
    runs.executemany("INSERT OR IGNORE INTO run_passes (pass, run) VALUES (?, ?)", passes)
    extents = stored_extents(folder, list(requests.values()))
    runs.executemany(
        "UPDATE runs SET stored = ?, stored_since = ? WHERE id = ?",
        [(extent and extent.size, extent and extent.since, run) for run, extent in zip(requests, extents, strict=True)],
    )
    runs.execute(f"DELETE FROM uncounted WHERE run IN ({marks})", ids)


def _consists_of(request: dict[str, Any]) -> Sequence[ExplainRequest]:
    """What a run consists of, by its stored request; nothing where that is of a version that is not read here."""
    try:
        return whole_run(ExplainRequest.from_dict(request))
    except (ExplainError, KeyError, TypeError, ValueError):
        return []


def _forget(results: sqlite3.Connection, news: _News) -> None:
    if news.written or news.until is not None:
        with results:
            results.execute("BEGIN IMMEDIATE")
            results.executemany("DELETE FROM Written WHERE number = ?", [(number,) for number in news.written])
            # Unless more was dropped meanwhile.
            results.execute("UPDATE Journal SET until = NULL WHERE drops = ?", (news.drops,))


def _short(pass_key: str) -> int:
    """The first 64 bits of a key. Two that share them would only be counted too often."""
    return int.from_bytes(bytes.fromhex(pass_key.rpartition(":")[2][:16]), "big", signed=True)


def _slices(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[first : first + _AT_ONCE] for first in range(0, len(ids), _AT_ONCE))
