"""Whose line of the history is whose: one public line a run, and one for each person who asked the same privately.

A line is named by its run, and a private one by its run and its owner, "0123456789abcdef/ada@example.org". So nobody's
notes, tags or trash are anybody else's, and the numbers, which are the same, are stored once all the same.
"""

import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from core.errors import InputError

_SEPARATOR = "/"  # in no run's name
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


def line_of(run_id: str, private_to: str = "") -> str:
    """The name of a line; that of a public one is the run's."""
    return f"{run_id}{_SEPARATOR}{private_to}" if private_to else run_id


def run_of(line: str) -> str:
    """The name of a line's run."""
    return line.partition(_SEPARATOR)[0]


def visible(viewer: str) -> tuple[str, list[Any]]:
    """SQL about a row of `runs`: what is public, and what is private to `viewer`; with its values.

    A public line of a run is left out where the viewer has a private one of it, so that a list names each run once.
    """
    if not viewer:
        return "private_to = ''", []
    twins = (
        "SELECT other.id FROM runs AS own JOIN runs AS other "
        f"ON other.run_id = substr(own.run_id, 1, instr(own.run_id, '{_SEPARATOR}') - 1) "
        # The second condition is what the index of private lines is about.
        "WHERE own.private_to = ? AND own.private_to <> '' AND (own.deleted IS NULL) = (other.deleted IS NULL)"
    )
    return f"private_to IN ('', ?) AND id NOT IN ({twins})", [viewer, viewer]


def set_private(connection: sqlite3.Connection, row: int, private: bool) -> None:
    """Makes a line private to whoever asked first, or public, within a transaction.

    Raises:
        InputError: nobody is known to have asked, or there is such a line already.
    """
    line, who = connection.execute("SELECT run_id, who FROM runs WHERE id = ?", (row,)).fetchone()
    if private and not who:
        raise InputError("Nobody is known to have asked this, so there is nobody to whom it could be private.")
    owner = who if private else ""
    try:
        connection.execute(
            "UPDATE runs SET run_id = ?, private_to = ? WHERE id = ?", (line_of(run_of(line), owner), owner, row)
        )
    except sqlite3.IntegrityError:
        raise InputError(
            "The same was asked privately as well, and that line stays as it is. Delete one of the two first."
            if private
            else "Somebody has asked the same for everybody to see, so it is public already. This line stays private."
        ) from None


def ask(connection: sqlite3.Connection, run_id: str, asker: Asker, viewer: str) -> Asker:
    """Writes down, within a transaction, who waits for a run that is to be computed; see `settle`."""
    connection.execute("DELETE FROM asked WHERE at < ?", (time.time() - _FORGOTTEN,))
    asker = settle(connection, run_id, asker, viewer)
    connection.execute(
        "INSERT OR IGNORE INTO asked (run_id, person, private, at) VALUES (?, ?, ?, ?)",
        (run_id, asker.name, asker.private, time.time()),
    )
    return asker


def settle(connection: sqlite3.Connection, run_id: str, asker: Asker, viewer: str) -> Asker:
    """The asker as it has to be taken.

    What is public already does not become private by asking for it privately, nor does what is private to somebody
    become public by their asking it again.

    Args:
        viewer: whose private runs the asker sees; a name that was merely typed sees nobody's.
    """
    if not asker.private and (not viewer or viewer != asker.name):
        return asker
    line = line_of(run_id, "" if asker.private else asker.name)
    kept = "SELECT 1 FROM runs WHERE run_id = ? AND deleted IS NULL"
    # What is still being computed counts as well.
    awaited = "SELECT 1 FROM asked WHERE run_id = ? AND private = ? AND (person = ? OR NOT private)"
    found = (
        connection.execute(kept, (line,)).fetchone()
        or connection.execute(awaited, (run_id, not asker.private, asker.name)).fetchone()
    )
    return Asker(asker.name, not asker.private) if found else asker


def askers(connection: sqlite3.Connection, run_id: str) -> list[Asker]:
    """Who waits for a run, in the order in which they asked."""
    rows = connection.execute("SELECT person, private FROM asked WHERE run_id = ? ORDER BY at, rowid", (run_id,))
    return [Asker(row["person"], bool(row["private"])) for row in rows]
