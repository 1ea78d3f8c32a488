"""The history: one record per run in a SQLite file of its own, never evicted.

A run that several people asked may have several records, of which each of them sees one; see `visibility`.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cache.files.portions import write_in_portions
from cache.files.sqlite import storable
from cache.runs import annotations, lists
from cache.runs.annotations import Change
from cache.runs.askers import Askers
from cache.runs.connection import HistoryConnection
from cache.runs.filters import Filter, Order
from cache.runs.former_imports import FormerImports
from cache.runs.lists import Page
from cache.runs.overview import Overview
from cache.runs.record import PEOPLES, RunRecord, to_columns
from cache.runs.visibility import record_id, visible

_MOST_FILES = 3
"""Files into which a record is written, each deleted before that was done."""

_READ, _DROPPED = 200, 5
"""Rows of the trash that are read at once, and those that one transaction removes at most."""


class RunHistory:
    """The history in one SQLite file, shared by threads and by processes on one machine.

    Here are the records themselves: written, found and taken away. The rest has a name of its own:

    Attributes:
        askers: who waits for which run.
        former_imports: what was imported before imports had origins.
        overview: what occurs among all runs, what was asked last, and what runs cost.
        connection: for those who keep more in the same file, such as stored sizes.

    Args:
        path: the file, in a folder of its own that is created with mode 0700.
        timeout: seconds to wait for another process that writes.

    Raises:
        StoreError: here and in every method, when the file cannot be used; the sentence says why.
    """

    def __init__(self, path: str | Path, *, timeout: float = 30.0) -> None:
        self.connection = HistoryConnection(path, timeout)
        self.askers = Askers(self.connection)
        self.former_imports = FormerImports(self.connection)
        self.overview = Overview(self.connection)

    def record(self, run: RunRecord) -> None:
        """Adds `run`; a record of the same name is replaced, taken out of the trash, and keeps what people wrote."""
        values, details = to_columns(run)
        for _ in range(_MOST_FILES):
            self._record(values, details)
            if self.connection.is_current():  # else the file was deleted or replaced while it was written
                return

    def _record(self, values: dict[str, Any], details: dict[str, Any]) -> None:
        names, slots = ", ".join(values), ", ".join(f":{name}" for name in values)
        fresh = ", ".join(f"{name} = excluded.{name}" for name in values if name not in PEOPLES)
        with self.connection.transaction() as connection:
            (row,) = connection.execute(
                f"INSERT INTO runs ({names}) VALUES ({slots}) ON CONFLICT (run_id) DO UPDATE SET {fresh} RETURNING id",
                values,
            ).fetchone()
            fresh = ", ".join(f"{name} = excluded.{name}" for name in details)
            connection.execute(f"{_inserted(details)} ON CONFLICT (id) DO UPDATE SET {fresh}", {"id": row, **details})

    def add_missing(self, runs: Sequence[RunRecord]) -> list[bool]:
        """Adds records as they are, in one transaction; of each whether it is new. One that is there stays as it is."""
        added = []
        with self.connection.transaction() as connection:
            for values, details in map(to_columns, runs):
                names, slots = ", ".join(values), ", ".join(f":{name}" for name in values)
                row = connection.execute(
                    f"INSERT INTO runs ({names}) VALUES ({slots}) ON CONFLICT (run_id) DO NOTHING RETURNING id", values
                ).fetchone()
                if row is not None:
                    replaced = _inserted(details).replace("INSERT", "INSERT OR REPLACE", 1)
                    connection.execute(replaced, {"id": row[0], **details})
                added.append(row is not None)
        return added

    def get(self, run_id: str, viewer: str = "", *, everybodys: bool = False) -> RunRecord | None:
        """The record of the run of that id, in the trash or not, or None.

        Args:
            viewer: who looks. Their own private record goes before the public one; others' are not there, except that
            everybodys: where there is neither, another's is taken.
        """
        name, owner = storable(run_id), storable(viewer)
        # The owner is asked for once more, since names come from addresses, where anybody can write a record's.
        found = self.connection.read(
            "run_id IN (?, ?) AND private_to IN ('', ?)", (name, record_id(name, owner), owner)
        )
        if not found and everybodys:
            ends = (record_id(name, "\0"), record_id(name, "\U0010ffff"))
            found = self.connection.read("run_id > ? AND run_id < ?", ends)
        return min(found, key=lambda run: (run.deleted is not None, not run.private_to), default=None)

    def find(self, where: Filter, order: Order, limit: int, offset: int = 0) -> Page:
        """Runs that fulfil `where`, in that order: at most `limit`, after the first `offset`."""
        return lists.find(self.connection, where, order, limit, offset)

    def picture_name(self, image: str, viewer: str = "") -> str | None:
        """What the picture of a digest is called in the latest run about it alone that may be seen.

        Args:
            viewer: who looks.

        Returns:
            None where there is no such run; a run about several pictures, or about a video, is none.
        """
        condition, values = visible(storable(viewer))
        query = (
            "SELECT picture_name FROM runs JOIN run_details USING (id) WHERE image = ? AND deleted IS NULL "
            f"AND {condition} AND picture_names IN ('', '[]') "
            "AND CASE WHEN json_valid(request) THEN json_extract(request, '$.frames') IS NULL END "
            "ORDER BY created DESC LIMIT 1"
        )
        with self.connection.statements() as connection:
            row = connection.execute(query, (storable(image), *values)).fetchone()
        return None if row is None else row[0]

    def recent(self, limit: int, offset: int = 0, search: str | None = None, viewer: str = "") -> list[RunRecord]:
        """A page of runs that are not in the trash, latest created first.

        Args:
            limit: at most so many.
            offset: so many are skipped.
            search: see `Filter.search`; None or blank for all.
            viewer: who looks; here and below, others' private runs are as if they were not there.
        """
        where, found = Filter(search=search or "", viewer=viewer), []
        while len(found) < limit:
            page = self.find(where, Order(), limit - len(found), offset)
            offset += limit - len(found)
            found += page.runs
            if offset >= page.total:
                break  # else a row could not be read, and the next one takes its place
        return found

    def count(self, search: str | None = None, viewer: str = "") -> int:
        """How many runs `recent` pages through."""
        return self.count_of(Filter(search=search or "", viewer=viewer))

    def trashed(self, viewer: str = "", who: str = "") -> int:
        """How many runs are in the trash; with `who`, of theirs."""
        return self.count_of(Filter(trash=True, viewer=viewer, who=who))

    def count_of(self, where: Filter) -> int:
        """How many runs fulfil a filter."""
        return lists.count(self.connection, where)

    def write(self, record_ids: Sequence[str], change: Change) -> int:
        """Writes what people say about runs; returns how many of them are known.

        Args:
            record_ids: each run's `RunRecord.record_id`, which is the run's name unless it is private.

        Raises:
            InputError: a run would have too many tags, or cannot become private or public.
        """
        with self.connection.transaction() as connection:
            return annotations.write(connection, [storable(name) for name in record_ids], change)

    def empty_trash(self, viewer: str = "", who: str = "") -> list[RunRecord]:
        """Removes the runs in the trash from the history for good, and returns them; their stored results stay.

        Args:
            who: only theirs; "" for everybody's.
        """
        condition, values = Filter(trash=True, viewer=viewer, who=who).condition()
        gone: list[RunRecord] = []
        while self._drop_some(condition, values, gone):
            pass
        return gone

    def _drop_some(self, condition: str, values: Sequence[Any], gone: list[RunRecord]) -> bool:
        """Removes the first of the rows that fulfil a condition; whether there were any."""
        with self.connection.statements() as connection:
            query = f"SELECT id FROM runs WHERE {condition} LIMIT {_READ}"
            ids = [row[0] for row in connection.execute(query, values)]
        records = {row: self.connection.read("id = ?", [row]) for row in ids}

        def drop(connection: sqlite3.Connection, row: int) -> None:
            # Unless somebody took it out of the trash meanwhile.
            if connection.execute(f"DELETE FROM runs WHERE id = ? AND {condition}", (row, *values)).rowcount:
                gone.extend(records[row])

        # The index of texts makes a row cost a millisecond.
        write_in_portions(ids, self.connection.transaction, drop, most=_DROPPED)
        return bool(ids)

    def delete(self, record_id: str) -> bool:
        """Removes a record from the history; the run's stored result stays. Returns whether it was there."""
        with self.connection.statements() as connection:
            return connection.execute("DELETE FROM runs WHERE run_id = ?", (storable(record_id),)).rowcount > 0

    def check(self) -> None:
        """Reads from the file and writes to it, without changing any run."""
        self.connection.check()

    def close(self) -> None:
        """Closes the file."""
        self.connection.close()


def _inserted(details: dict[str, Any]) -> str:
    """The beginning of a statement that writes what stands in the table of details."""
    slots = ", ".join(f":{name}" for name in details)
    return f"INSERT INTO run_details (id, {', '.join(details)}) VALUES (:id, {slots})"
