"""Who waits for a run, and whether privately: written down when a question is asked, so that no restart forgets it."""

import sqlite3
import time
from dataclasses import dataclass

from cache.files.sqlite import storable
from cache.runs.connection import HistoryConnection
from cache.runs.visibility import record_id
from core.errors import InputError

_FORGOTTEN = 30 * 24 * 3600.0
"""Seconds after which nobody waits for what never came."""


@dataclass(frozen=True)
class Asker:
    """Who asks a question.

    Attributes:
        name: "" for nobody in particular.
        private: whether the run is for them alone.

    Raises:
        InputError: it is to be private to nobody.
    """

    name: str = ""
    private: bool = False

    def __post_init__(self) -> None:
        if self.private and not self.name:
            raise InputError("Only somebody who is signed in can ask privately.")

    @property
    def private_to(self) -> str:
        """Whose alone the run is; "" where it is everybody's."""
        return self.name if self.private else ""


class Askers:
    """Who waits for which run of a history.

    Raises:
        StoreError: in every method, when the file cannot be used.
    """

    def __init__(self, history: HistoryConnection) -> None:
        self._history = history

    def ask(self, run_id: str, asker: Asker, viewer: str = "") -> Asker:
        """Writes down who waits for a run that is to be computed, and returns the asker as `settle` does."""
        run_id = storable(run_id)
        with self._history.transaction() as connection:
            connection.execute("DELETE FROM asked WHERE at < ?", (time.time() - _FORGOTTEN,))
            asker = _settle(connection, run_id, asker, viewer)
            connection.execute(
                "INSERT OR IGNORE INTO asked (run_id, person, private, at) VALUES (?, ?, ?, ?)",
                (run_id, asker.name, asker.private, time.time()),
            )
        return asker

    def settle(self, run_id: str, asker: Asker, viewer: str = "") -> Asker:
        """The asker as it has to be taken; writes nothing.

        What is public already does not become private by asking for it privately, nor does what is private to
        somebody become public by their asking it again.

        Args:
            viewer: whose private runs the asker sees; a name that was merely typed sees nobody's.
        """
        with self._history.statements() as connection:
            return _settle(connection, storable(run_id), asker, viewer)

    def of(self, run_id: str) -> list[Asker]:
        """Who waits for a run, in the order in which they asked."""
        query = "SELECT person, private FROM asked WHERE run_id = ? ORDER BY at, rowid"
        with self._history.statements() as connection:
            rows = connection.execute(query, (storable(run_id),)).fetchall()
        # A row that no asking has written is nobody's.
        sound = [row for row in rows if isinstance(row["person"], str) and row["private"] in (0, 1)]
        return [Asker(row["person"], bool(row["private"])) for row in sound if row["person"] or not row["private"]]

    def forget(self, run_id: str) -> None:
        """Nobody waits for that run any more."""
        with self._history.statements() as connection:
            connection.execute("DELETE FROM asked WHERE run_id = ?", (storable(run_id),))


def _settle(connection: sqlite3.Connection, run_id: str, asker: Asker, viewer: str) -> Asker:
    if not asker.private and (not viewer or viewer != asker.name):
        return asker
    name = record_id(run_id, "" if asker.private else asker.name)
    recorded = "SELECT 1 FROM runs WHERE run_id = ? AND deleted IS NULL"
    # What is still being computed counts as well.
    awaited = "SELECT 1 FROM asked WHERE run_id = ? AND private = ? AND (person = ? OR NOT private)"
    found = (
        connection.execute(recorded, (name,)).fetchone()
        or connection.execute(awaited, (run_id, not asker.private, asker.name)).fetchone()
    )
    return Asker(asker.name, not asker.private) if found else asker
