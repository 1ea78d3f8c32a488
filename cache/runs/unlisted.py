"""Runs whose results are stored and that the history does not list, as after its loss: made into records again.

A stored pass holds its request in full, and the answer. What people wrote, the thumbnail, the picture's name, who asked
and whether privately stand in the history alone: whoever brings such runs back says who shall see them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cache import keys
from cache.errors import CorruptEntry, store_error
from cache.files.sqlite import read_only
from cache.results import codec
from cache.results.database import LONGEST_VALUE
from cache.results.disk import describe, results_database
from cache.results.sizes import stored_extents
from cache.runs.history import RunHistory
from cache.runs.record import RunRecord
from core.errors import ExplainError
from core.schema import ExplainRequest
from core.schema.run_requests import whole_run

_AT_ONCE = 200
TITLE = "Recovered"
"""How their titles begin, since nobody remembers them."""


@dataclass(frozen=True)
class _Pass:
    """A stored pass: what was asked, what was said, how long it took, and when it was stored."""

    request: ExplainRequest
    answer: str
    seconds: float
    stored: float


def unlisted_runs(history: RunHistory, folder: Path, private_to: str = "") -> Iterator[RunRecord]:
    """A record for each run that is stored as a whole and that the history does not have, for anybody.

    Of one that was stored with more and more samples, the latest state is the run; a combined map that lies beside
    another method's is no run of its own.

    Args:
        folder: of the results.
        private_to: who alone sees them; "" for everybody.

    Raises:
        StoreError: results or history cannot be read.
    """
    listed = {run_name for (run_name,) in _rows(history, "SELECT substr(run_id, 1, 16) FROM runs")}
    known = {name for (name,) in _rows(history, "SELECT pass FROM run_passes WHERE run IN (SELECT id FROM runs)")}
    names = history.overview.model_names()
    largest: dict[str, _Pass] = {}
    for one in _passes(folder):
        name = keys.counts_key(one.request)
        if name not in largest or largest[name].request.num_samples < one.request.num_samples:
            largest[name] = one
    beside = {
        keys.pass_key(part)
        for one in largest.values()
        for part in whole_run(one.request)
        if part.method != one.request.method
    }
    for one in sorted(largest.values(), key=lambda each: each.stored):
        request, key = one.request, keys.pass_key(one.request)
        if keys.short(key) in known or key in beside or keys.run_id(request) in listed:
            continue
        if stored_extents(folder, [whole_run(request)]) != [None]:
            yield _record(one, names.get(request.model, request.model[:16]), private_to)


def _rows(history: RunHistory, query: str) -> list[sqlite3.Row]:
    with history.connection.statements() as connection:
        return connection.execute(query).fetchall()


def _passes(folder: Path) -> Iterator[_Pass]:
    """Every pass of a first picture that can be read."""
    query = (
        f"SELECT rowid, key, store_time, CASE WHEN LENGTH(value) <= {LONGEST_VALUE} THEN value END FROM Cache "
        f"WHERE tag = 'pass' AND typeof(store_time) = 'real' AND rowid > ? ORDER BY rowid LIMIT {_AT_ONCE}"
    )
    last = -(2**63)
    try:
        with closing(read_only(results_database(folder))) as connection:
            while found := connection.execute(query, (last,)).fetchall():
                for _, key, stored, value in found:
                    try:
                        entry = codec.decode_pass(key, value)
                        request = ExplainRequest.from_dict(entry.request)
                    except (CorruptEntry, ExplainError, KeyError, TypeError, ValueError, AttributeError):
                        continue  # damaged, or of another version
                    if request.picture == 0:
                        yield _Pass(request, entry.answer.text, sum(entry.timings.values()), stored)
                last = found[-1][0]
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error


def _record(one: _Pass, model_name: str, private_to: str) -> RunRecord:
    request = one.request
    return RunRecord(
        run_id=keys.run_id(request),
        created=one.stored,
        updated=one.stored,
        image=request.image,
        picture_name="",
        prompt=request.prompt,
        answer=one.answer,
        model_name=model_name,
        request=request.to_dict(),
        method=request.method,
        num_samples=request.num_samples,
        noise_std=request.noise_std,
        target=request.target.describe(),
        duration=one.seconds,
        title=TITLE,
        who=private_to,
        private_to=private_to,
    )
