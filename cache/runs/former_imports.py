"""Runs that were imported before imports had origins of their own: which they are, and what they were called.

They are noted once, by the migration that adds the origin. `dashboard.storage.former_imports` gives each its origin,
and with it another name; the former one still leads to it, unless a run of one's own has it.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cache import keys
from cache.files.portions import write_in_portions
from cache.files.sqlite import storable
from cache.runs.connection import HistoryConnection
from cache.runs.visibility import record_id, run_of
from core.errors import ExplainError
from core.schema import ExplainRequest

Kind = Literal["imported", "derived", "doubtful"]


@dataclass(frozen=True)
class FormerImport:
    """A row of the history that is still to be given its origin.

    Attributes:
        row: its number.
        kind: "imported"; "derived" from what was imported, since it explains the same answer and was computed after it
            had been stored; "doubtful" where a run that was tagged so was computed again here, or people chose the tag.
        since: what was stored about the same answer from then on may rest on the import, seconds since 1970.
        answer: what the row says that the model said.
        request: what was asked; None where this version cannot read it.
    """

    row: int
    kind: Kind
    since: float
    answer: str
    request: ExplainRequest | None


class FormerImports:
    """What a history still knows as imported before there were origins.

    Raises:
        StoreError: in every method, when the file cannot be used.
    """

    def __init__(self, history: HistoryConnection) -> None:
        self._history = history

    def pending(self) -> list[FormerImport]:
        """Those that have no origin yet."""
        sql = (
            "SELECT run, kind, since, answer, request "
            "FROM former_imports JOIN runs ON runs.id = run JOIN run_details USING (id) ORDER BY run"
        )
        with self._history.statements() as connection:
            rows = connection.execute(sql).fetchall()
        return [FormerImport(*row[:4], _request(row["request"])) for row in rows]

    def note_derived(self, slack: float) -> None:
        """Notes the rows that explain an imported answer and were written after it.

        Args:
            slack: seconds by which an import may have been stored before its row was written.
        """
        imported: dict[tuple[str, str], float] = {}
        for each in self.pending():
            if each.kind == "imported" and each.request is not None:
                about = (keys.answer_key(each.request.own()), each.answer)
                imported[about] = min(each.since, imported.get(about, each.since))
        later = (
            "SELECT id, updated, answer, request FROM runs JOIN run_details USING (id) WHERE origin = '' AND "
            "prompt IN (SELECT prompt FROM runs WHERE id IN (SELECT run FROM former_imports)) AND "
            "id NOT IN (SELECT run FROM former_imports)"
        )
        with self._history.statements() as connection:
            rows = connection.execute(later).fetchall()
        derived = []
        for row in rows:
            request = _request(row["request"])
            since = None if request is None else imported.get((keys.answer_key(request), row["answer"]))
            if since is not None and row["updated"] >= since - slack:
                derived.append((row["id"], since))
        write_in_portions(derived, self._history.transaction, _note_derived)

    def settle(self, each: FormerImport, request: ExplainRequest) -> None:
        """Gives a row its origin, in its request and in its name; its former name is kept for links to it."""
        with self._history.transaction() as connection:
            query = "SELECT run_id, private_to FROM runs WHERE id = ? AND origin = ''"
            row = connection.execute(query, (each.row,)).fetchone()
            if row is None:
                return  # settled by another process, or before a kill
            today = keys.run_id(request)
            try:
                connection.execute(
                    "UPDATE runs SET run_id = ?, origin = ? WHERE id = ?",
                    (record_id(today, row["private_to"]), request.origin, each.row),
                )
            except sqlite3.IntegrityError:
                # The same was imported anew before a kill was made up for: one row of it is enough.
                connection.execute("DELETE FROM runs WHERE id = ?", (each.row,))
            connection.execute(
                "UPDATE run_details SET request = ? WHERE id = ?",
                (json.dumps(request.to_dict(), sort_keys=True), each.row),
            )
            former = run_of(row["run_id"])
            if former != today:
                connection.execute("INSERT OR IGNORE INTO former_names VALUES (?, ?)", (former, today))
            connection.execute("INSERT OR IGNORE INTO uncounted VALUES (?)", (each.row,))

    def todays_name(self, run_id: str) -> str | None:
        """What a run is called that had this name before imports had names of their own; None where none had it."""
        with self._history.statements() as connection:
            query = "SELECT today FROM former_names WHERE run_id = ?"
            row = connection.execute(query, (storable(run_id),)).fetchone()
        return None if row is None else row["today"]

    def forget(self, done: Iterable[FormerImport]) -> None:
        """Nothing is left to be done about these."""
        rows = [(each.row,) for each in done]
        write_in_portions(rows, self._history.transaction, _forget)


def _note_derived(connection: sqlite3.Connection, derived: tuple[int, float]) -> None:
    # Another process may have noted it meanwhile.
    connection.execute("INSERT OR IGNORE INTO former_imports VALUES (?, 'derived', ?)", derived)


def _forget(connection: sqlite3.Connection, row: tuple[int]) -> None:
    connection.execute("DELETE FROM former_imports WHERE run = ?", row)


def _request(written: str) -> ExplainRequest | None:
    try:
        return ExplainRequest.from_dict(json.loads(written))
    except (ExplainError, AttributeError, KeyError, TypeError, ValueError):
        return None
