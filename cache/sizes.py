"""How many bytes of stored runs there are, and which runs were dropped: asked for a page of history at once."""

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from diskcache.core import DBNAME

from cache import keys
from cache.database import describe
from cache.errors import store_error
from cache.inventory import read_only
from core.schema import ExplainRequest

_BATCH = 500


def stored_sizes(folder: Path, runs: Sequence[Sequence[ExplainRequest]]) -> list[int | None]:
    """The bytes of each run's passes and maps in the result store; None where one of them is gone.

    Args:
        runs: for each run, the requests that it consists of. What runs share counts for each of them.

    Raises:
        StoreError: the database cannot be read.
    """
    named = [
        [key for request in run for key in (keys.pass_key(request), *keys.map_keys(request).values())] for run in runs
    ]
    wanted = list(dict.fromkeys(key for one in named for key in one))
    sizes: dict[str, int] = {}
    try:
        with closing(read_only(folder / DBNAME)) as connection:
            for first in range(0, len(wanted), _BATCH):
                batch = wanted[first : first + _BATCH]
                # A blob's length stands in its row's header: no value is read.
                query = (
                    f"SELECT key, LENGTH(value) FROM Cache WHERE raw = 1 AND key IN ({', '.join('?' * len(batch))}) "
                    "AND (expire_time IS NULL OR expire_time > ?)"
                )
                sizes |= dict(connection.execute(query, (*batch, time.time())).fetchall())
    except sqlite3.Error as error:
        raise store_error(error, describe(folder)) from error
    return [sum(sizes[key] for key in one) if one and all(key in sizes for key in one) else None for one in named]
