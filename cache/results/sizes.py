"""How many bytes of stored runs there are, and which runs were dropped: asked of many at once."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cache import keys
from cache.errors import store_error
from cache.files.sqlite import read_only
from cache.results.disk import describe, results_database
from core.schema import ExplainRequest

_AT_ONCE = 500


@dataclass(frozen=True)
class Extent:
    """What is stored of a run.

    Attributes:
        size: its bytes.
        since: when the oldest part of it was stored, seconds since 1970.
    """

    size: int
    since: float


def stored_extents(
    folder: Path, runs: Sequence[Sequence[ExplainRequest]], passes: Sequence[Sequence[str]] | None = None
) -> list[Extent | None]:
    """The bytes and the age of each run's passes and maps in the result store; None where one of them is gone.

    Args:
        runs: for each run, the requests that it consists of. What runs share counts for each of them.
        passes: the keys of their passes, by whoever has worked them out already.

    Raises:
        StoreError: the database cannot be read.
    """
    try:
        with closing(read_only(results_database(folder))) as connection:
            # Most old runs have lost all: their passes tell so, and their maps need no names then.
            if passes is None:
                passes = [[keys.pass_key(request) for request in run] for run in runs]
            known = _find(connection, [key for one in passes for key in one])
            named = [
                [*one, *(key for request in run for key in keys.map_keys(request).values())]
                if one and all(key in known for key in one)
                else []
                for run, one in zip(runs, passes, strict=True)
            ]
            known |= _find(connection, [key for one in named for key in one])
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error
    return [_extent([known[key] for key in one]) if one and all(key in known for key in one) else None for one in named]


def _find(connection: sqlite3.Connection, wanted: Sequence[str]) -> dict[str, tuple[int, float]]:
    """Key -> its value's bytes, and when it was stored; of those that are there and have not expired."""
    wanted = list(dict.fromkeys(wanted))
    found: dict[str, tuple[int, float]] = {}
    for first in range(0, len(wanted), _AT_ONCE):
        some = wanted[first : first + _AT_ONCE]
        # A blob's length stands in its row's header: no value is read.
        query = (
            "SELECT key, LENGTH(value), store_time FROM Cache "
            f"WHERE raw = 1 AND key IN ({', '.join('?' * len(some))}) AND (expire_time IS NULL OR expire_time > ?)"
        )
        found |= {key: (size, since) for key, size, since in connection.execute(query, (*some, time.time()))}
    return found


def _extent(entries: Sequence[tuple[int, float]]) -> Extent:
    return Extent(sum(size for size, _ in entries), min(since for _, since in entries))
