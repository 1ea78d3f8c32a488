"""The history: one row per run in a SQLite file of its own, never evicted."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

from cache.errors import store_error
from cache.run_table import open_runs

_TRIGRAM = 3
_MOST_WORDS = 50


@dataclass(frozen=True, kw_only=True)
class Run:
    """One line of the history.

    Attributes:
        run_id: `keys.run_id` of the request.
        created: first run, seconds since 1970 (UTC); kept when it runs again.
        updated: latest run, likewise.
        image: digest of the picture's pixels.
        picture_name: as people know it (a file name, a scene's title).
        prompt, answer: what was asked and what the model said; both are searched.
        model_name: as people know it.
        request: `ExplainRequest.to_dict()`.
        method, num_samples, noise_std: repeated from the request, for lists.
        target: what part of the answer is explained, in words.
        duration: seconds the computation took.
        computed_samples: noise samples computed in that time; the others were stored already.
        thumbnail: a small WEBP or PNG.
    """

    run_id: str
    created: float
    updated: float
    image: str
    picture_name: str
    prompt: str
    answer: str
    model_name: str
    request: dict[str, Any]
    method: str
    num_samples: int
    duration: float
    noise_std: float = 0.0
    target: str = ""
    computed_samples: int = 0
    thumbnail: bytes = b""


class RunLog:
    """The history in one SQLite file, shared by threads and by processes on one machine.

    Args:
        path: the file, in a folder of its own that is created with mode 0700.
        timeout: seconds to wait for another process that writes.

    Raises:
        StoreError: here and in every method, when the file cannot be used; the sentence says why.
    """

    def __init__(self, path: str | Path, *, timeout: float = 30.0) -> None:
        self._path = Path(path)
        # One connection and a lock, for Streamlit's threads are many and short-lived, and each
        # statement takes about a millisecond.
        self._lock = threading.RLock()
        self._connection = open_runs(path, timeout)

    def record(self, run: Run) -> None:
        """Adds `run`, or replaces the row of the same `run_id` but for the time it was created."""
        values = {name: _storable(value) for name, value in asdict(run).items()}
        values["request"] = json.dumps(run.request, sort_keys=True)
        names = ", ".join(values)
        slots = ", ".join(f":{name}" for name in values)
        kept = ", ".join(f"{name} = excluded.{name}" for name in values if name not in ("run_id", "created"))
        with self._statements() as connection:
            connection.execute(
                f"INSERT INTO runs ({names}) VALUES ({slots}) ON CONFLICT (run_id) DO UPDATE SET {kept}",
                values,
            )

    def get(self, run_id: str) -> Run | None:
        """The run of that id, or None."""
        with self._statements() as connection:
            row = connection.execute("SELECT * FROM runs WHERE run_id = ?", (_storable(run_id),)).fetchone()
        return None if row is None else _run(row)

    def recent(self, limit: int, offset: int = 0, search: str | None = None) -> list[Run]:
        """A page of runs, latest created first.

        Args:
            limit: at most so many.
            offset: so many are skipped.
            search: every word of it occurs somewhere in the prompt or answer; None or blank for all.
        """
        where, values = _condition(search)
        with self._statements() as connection:
            rows = connection.execute(
                f"SELECT * FROM runs WHERE {where} ORDER BY created DESC, id DESC LIMIT ? OFFSET ?",
                (*values, limit, offset),
            ).fetchall()
        return [_run(row) for row in rows]

    def recent_prompts(self, limit: int) -> list[str]:
        """The prompts of the latest thousand runs, each once, latest first; at most `limit`."""
        return [run.prompt for run in self._latest_of_each("prompt", limit)]

    def recent_pictures(self, limit: int) -> list[Run]:
        """The latest run of each picture among the latest thousand runs, latest first; at most `limit`."""
        return self._latest_of_each("image", limit)

    def _latest_of_each(self, column: Literal["prompt", "image"], limit: int) -> list[Run]:
        with self._statements() as connection:
            # Of each group SQLite takes the row that holds the maximum. A thousand rows are quickly looked
            # through, whatever the length of the history.
            rows = connection.execute(
                "SELECT * FROM runs WHERE id IN (SELECT id FROM (SELECT id, MAX(rank) AS latest FROM "
                f"(SELECT id, {column}, ROW_NUMBER() OVER (ORDER BY created, id) AS rank FROM "
                f"(SELECT id, {column}, created FROM runs ORDER BY created DESC, id DESC LIMIT 1000)) "
                f"GROUP BY {column} ORDER BY latest DESC LIMIT ?)) ORDER BY created DESC, id DESC",
                (limit,),
            ).fetchall()
        return [_run(row) for row in rows]

    def pace(self, model_name: str, method: str) -> float | None:
        """Seconds a noise sample takes, the answer's share included: the median of the latest twenty runs; or None."""
        with self._statements() as connection:
            rows = connection.execute(
                "SELECT duration / computed_samples AS pace FROM runs "
                "WHERE model_name = ? AND method = ? AND computed_samples > 0 ORDER BY created DESC LIMIT 20",
                (model_name, method),
            ).fetchall()
        return median(row["pace"] for row in rows) if rows else None

    def count(self, search: str | None = None) -> int:
        """How many runs `recent` pages through."""
        where, values = _condition(search)
        with self._statements() as connection:
            return connection.execute(f"SELECT COUNT(*) FROM runs WHERE {where}", values).fetchone()[0]

    def delete(self, run_id: str) -> bool:
        """Removes a run from the history; its stored result stays. Returns whether it was there."""
        with self._statements() as connection:
            return connection.execute("DELETE FROM runs WHERE run_id = ?", (_storable(run_id),)).rowcount > 0

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _statements(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise store_error(error, f"The history in {self._path}") from error


def _condition(search: str | None) -> tuple[str, list[str]]:
    """SQL and values for "every word occurs in prompt or answer".

    Words of three characters or more go through the trigram index as quoted phrases, in which
    nothing is FTS syntax; shorter ones, which have no trigram, through an escaped LIKE. Words after
    the fiftieth are ignored: SQLite limits the depth of an expression.
    """
    conditions, values = ["1"], []
    words = (_storable(search) if search else "").split()[:_MOST_WORDS]
    phrases = ['"' + word.replace('"', '""') + '"' for word in words if len(word) >= _TRIGRAM]
    if phrases:
        conditions.append("id IN (SELECT rowid FROM runs_text WHERE runs_text MATCH ?)")
        values.append(" ".join(phrases))
    for word in words:
        if len(word) < _TRIGRAM:
            conditions.append("(prompt LIKE ? ESCAPE '\\' OR answer LIKE ? ESCAPE '\\')")
            escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            values += [f"%{escaped}%"] * 2
    return " AND ".join(conditions), values


def _storable(value: Any) -> Any:
    # SQLite takes no half surrogate pairs, and its LIKE stops at a NUL. The request, as JSON, keeps both.
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    return value


def _run(row: sqlite3.Row) -> Run:
    values = dict(row)
    del values["id"]
    values["request"] = json.loads(values["request"])
    return Run(**values)
