"""The history: one row per run in a SQLite file of its own, never evicted.

A run that several people asked may have several rows, of which each of them sees one; see `lines`.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

from cache.errors import store_error
from cache.files.sqlite import check_file, storable
from cache.runs.annotations import Change, Choices, choices, write
from cache.runs.filters import Filter, Order
from cache.runs.migrations import open_runs
from cache.runs.record import PEOPLES, RunRecord, from_columns, to_columns
from cache.runs.visibility import Asker, ask, askers, line_of, settle

_MOST_REMEMBERED = 100


@dataclass(frozen=True)
class Page:
    """Some of the runs that fulfil a filter, and how many do."""

    runs: tuple[RunRecord, ...]
    total: int


@dataclass(frozen=True)
class Cost:
    """What a noise sample takes.

    Attributes:
        seconds: the median of some runs, the answer's share included.
        peak_bytes: the most memory that any of them took at once; 0 where that is not known.
    """

    seconds: float
    peak_bytes: int


class RunHistory:
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
        self._version: tuple[int, int] | None = None
        self._remembered: dict[Hashable, Any] = {}

    def record(self, run: RunRecord) -> None:
        """Adds `run`; a row of the same line is replaced, taken out of the trash, and keeps what people wrote."""
        values, details = to_columns(run)
        names, slots = ", ".join(values), ", ".join(f":{name}" for name in values)
        fresh = ", ".join(f"{name} = excluded.{name}" for name in values if name not in PEOPLES)
        with self.transaction() as connection:
            (row,) = connection.execute(
                f"INSERT INTO runs ({names}) VALUES ({slots}) ON CONFLICT (run_id) DO UPDATE SET {fresh} RETURNING id",
                values,
            ).fetchone()
            connection.execute(
                "INSERT INTO run_details (id, request, thumbnail, picture_names) "
                "VALUES (:id, :request, :thumbnail, :picture_names) ON CONFLICT (id) DO UPDATE SET "
                "request = excluded.request, thumbnail = excluded.thumbnail, picture_names = excluded.picture_names",
                {"id": row, **details},
            )

    def get(self, run_id: str, viewer: str = "", *, everybodys: bool = False) -> RunRecord | None:
        """The run of that id, in the trash or not, or None.

        Args:
            viewer: who looks. Their own private row goes before the public one; others' are not there, except that
            everybodys: where there is neither, another's is taken.
        """
        name, owner = storable(run_id), storable(viewer)
        # The owner is asked for once more, since names come from addresses, where anybody can write a line's.
        rows = self._read("run_id IN (?, ?) AND private_to IN ('', ?)", (name, line_of(name, owner), owner))
        if not rows and everybodys:
            rows = self._read("run_id > ? AND run_id < ?", (line_of(name, "\0"), line_of(name, "\U0010ffff")))
        return min(rows, key=lambda run: (run.deleted is not None, not run.private_to), default=None)

    def find(self, where: Filter, order: Order, limit: int, offset: int = 0) -> Page:
        """Runs that fulfil `where`, in that order: at most `limit`, after the first `offset`."""
        condition, values = where.condition()
        index, is_sorted = order.index(where)
        with self.statements() as connection:
            # The page's ids first: whatever is skipped or sorted is then a few bytes, not a row with its picture.
            if where.search.strip() and is_sorted:
                # With their number: what the search finds is then looked up only once.
                everything = f"SELECT id FROM {_table(index)} WHERE {condition} ORDER BY {order.sql()}"
                sql = (
                    f"WITH found AS MATERIALIZED ({everything}) SELECT COUNT(*), "
                    "(SELECT json_group_array(id) FROM (SELECT id FROM found LIMIT ? OFFSET ?)) FROM found"
                )
                total, found = connection.execute(sql, (*values, limit, offset)).fetchone()
                return Page(self._page(json.loads(found), order), total)
            total = self._total(where.index, condition, values)
            limit = max(0, min(limit, total - offset))
            # Nobody counts from the far end: the last page costs what the first does.
            backwards = total - offset - limit < offset
            skipped = total - offset - limit if backwards else offset
            ids = (
                f"SELECT id FROM {_table(index)} WHERE {condition} "
                f"ORDER BY {order.sql(backwards=backwards)} LIMIT ? OFFSET ?"
            )
            found = [row[0] for row in connection.execute(ids, (*values, limit, skipped))] if limit else []
            return Page(self._page(found, order), total)

    def _page(self, ids: Sequence[int], order: Order) -> tuple[RunRecord, ...]:
        return tuple(self._read(f"id IN ({', '.join('?' * len(ids))})", ids, order))

    def recent(self, limit: int, offset: int = 0, search: str | None = None, viewer: str = "") -> list[RunRecord]:
        """A page of runs that are not in the trash, latest created first.

        Args:
            limit: at most so many.
            offset: so many are skipped.
            search: see `Filter.search`; None or blank for all.
            viewer: who looks; here and below, others' private runs are as if they were not there.
        """
        return list(self.find(Filter(search=search or "", viewer=viewer), Order(), limit, offset).runs)

    def count(self, search: str | None = None, viewer: str = "") -> int:
        """How many runs `recent` pages through."""
        return self.count_of(Filter(search=search or "", viewer=viewer))

    def trashed(self, viewer: str = "", who: str = "") -> int:
        """How many runs are in the trash; with `who`, of theirs."""
        return self.count_of(Filter(trash=True, viewer=viewer, who=who))

    def model_names(self) -> dict[str, str]:
        """Fingerprint -> how people know the model, by the latest run of each."""
        sql = (
            "SELECT json_extract(request, '$.model') AS model, model_name, MAX(id) "
            "FROM runs JOIN run_details USING (id) WHERE private_to = '' GROUP BY model"
        )
        with self.statements() as connection:
            return {row["model"]: row["model_name"] for row in connection.execute(sql)}

    def choices(self, viewer: str = "") -> Choices:
        """What runs outside the trash can be filtered by."""
        with self.statements() as connection:
            return self._remember(("choices", viewer), lambda: choices(connection, storable(viewer)))

    def owners(self) -> list[str]:
        """Everybody who has private runs."""
        with self.statements() as connection:
            rows = connection.execute("SELECT DISTINCT private_to FROM runs WHERE private_to <> '' ORDER BY private_to")
            return [row["private_to"] for row in rows]

    def write(self, lines: Sequence[str], change: Change) -> int:
        """Writes what people say about runs; returns how many of them are known.

        Args:
            lines: each run's `RunRecord.line`, which is the run's name unless it is private.
        """
        with self.transaction() as connection:
            return write(connection, [storable(name) for name in lines], change)

    def empty_trash(self, viewer: str = "", who: str = "") -> list[RunRecord]:
        """Removes the runs in the trash from the history for good, and returns them; their stored results stay.

        Args:
            who: only theirs; "" for everybody's.
        """
        condition, values = Filter(trash=True, viewer=viewer, who=who).condition()
        with self.transaction() as connection:
            gone = self._read(condition, values)
            connection.execute(f"DELETE FROM runs WHERE {condition}", values)
        return gone

    def ask(self, run_id: str, asker: Asker, viewer: str = "") -> Asker:
        """Writes down who waits for a run, and returns the asker as it has to be taken; see `lines.settle`."""
        with self.transaction() as connection:
            return ask(connection, storable(run_id), asker, viewer)

    def settle(self, run_id: str, asker: Asker, viewer: str = "") -> Asker:
        """See `lines.settle`; writes nothing."""
        with self.statements() as connection:
            return settle(connection, storable(run_id), asker, viewer)

    def askers(self, run_id: str) -> list[Asker]:
        """Who waits for a run, in the order in which they asked."""
        with self.statements() as connection:
            return askers(connection, storable(run_id))

    def forget_askers(self, run_id: str) -> None:
        """Nobody waits for that run any more."""
        with self.statements() as connection:
            connection.execute("DELETE FROM asked WHERE run_id = ?", (storable(run_id),))

    def recent_prompts(self, limit: int, viewer: str = "") -> list[str]:
        """The prompts of the latest thousand runs, each once, latest first; at most `limit`."""
        return [run.prompt for run in self._latest_of_each("prompt", limit, viewer)]

    def recent_pictures(self, limit: int, viewer: str = "") -> list[RunRecord]:
        """The latest run of each picture among the latest thousand runs, latest first; at most `limit`."""
        return self._latest_of_each("image", limit, viewer)

    def _latest_of_each(self, column: Literal["prompt", "image"], limit: int, viewer: str) -> list[RunRecord]:
        condition, values = Filter(viewer=viewer).condition()
        # Of each group SQLite takes the row that holds the maximum. A thousand rows are quickly looked
        # through, whatever the length of the history.
        ids = (
            "SELECT id FROM (SELECT id, MAX(rank) AS latest FROM "
            f"(SELECT id, {column}, ROW_NUMBER() OVER (ORDER BY created, id) AS rank FROM "
            f"(SELECT id, {column}, created FROM runs WHERE {condition} ORDER BY created DESC, id DESC "
            f"LIMIT 1000)) GROUP BY {column} ORDER BY latest DESC LIMIT ?)"
        )
        return self._read(f"id IN ({ids})", (*values, limit), Order())

    def cost(self, model_name: str, method: str, pictures: int = 1) -> Cost | None:
        """What noise samples took in the latest twenty runs that computed any; None where there is no such run.

        Args:
            pictures: of a prompt; runs with another number of them tell nothing, nor do those before the latest
                thousand.
        """
        latest = (
            "SELECT id, created, duration / computed_samples AS seconds, peak_bytes FROM runs "
            "WHERE model_name = ? AND method = ? AND computed_samples > 0 ORDER BY created DESC LIMIT 1000"
        )
        with self.statements() as connection:
            rows = connection.execute(
                f"SELECT seconds, peak_bytes FROM ({latest}) JOIN run_details USING (id) "
                "WHERE MAX(json_array_length(picture_names), 1) = ? ORDER BY created DESC LIMIT 20",
                (model_name, method, pictures),
            ).fetchall()
        if not rows:
            return None
        return Cost(median(row["seconds"] for row in rows), max(row["peak_bytes"] for row in rows))

    def delete(self, line: str) -> bool:
        """Removes a run from the history; its stored result stays. Returns whether it was there."""
        with self.statements() as connection:
            return connection.execute("DELETE FROM runs WHERE run_id = ?", (storable(line),)).rowcount > 0

    def check(self) -> None:
        """Reads from the file and writes to it, without changing any run.

        Raises:
            StoreError: that does not work; the sentence says why.
        """
        check_file(self._path, "The history", "runs")

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            self._connection.close()

    def count_of(self, where: Filter) -> int:
        """How many runs fulfil a filter."""
        with self.statements():
            return self._total(where.index, *where.condition())

    def _total(self, index: str, condition: str, values: Sequence[Any]) -> int:
        sql = f"SELECT COUNT(*) FROM {_table(index)} WHERE {condition}"
        return self._remember((sql, *values), lambda: self._connection.execute(sql, values).fetchone()[0])

    def _remember(self, key: Hashable, work_out: Callable[[], Any]) -> Any:
        """What was worked out before, as long as nobody has written since: a page is drawn at every click."""
        others = self._connection.execute("PRAGMA data_version").fetchone()[0]
        version = (others, self._connection.total_changes)
        if version != self._version or len(self._remembered) >= _MOST_REMEMBERED:
            self._version, self._remembered = version, {}
        if key not in self._remembered:
            self._remembered[key] = work_out()
        return self._remembered[key]

    def _read(self, condition: str, values: Sequence[Any], order: Order | None = None) -> list[RunRecord]:
        sql = f"SELECT * FROM runs JOIN run_details USING (id) WHERE {condition}"
        with self.statements() as connection:
            rows = connection.execute(sql if order is None else f"{sql} ORDER BY {order.sql()}", values).fetchall()
        return [from_columns(row) for row in rows]

    @contextmanager
    def statements(self) -> Iterator[sqlite3.Connection]:
        """The connection, for this thread alone; what goes wrong becomes a `StoreError`."""
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise store_error(error, f"The history in {self._path}") from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of the statements, or none."""
        with self.statements() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection


def _table(index: str) -> str:
    return f"runs INDEXED BY {index}" if index else "runs"
