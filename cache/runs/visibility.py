"""Whose record of the history is whose: one public record a run, and one for each person who asked it privately.

A record is named by its run, and a private one by its run and its owner, "0123456789abcdef/ada@example.org". So
nobody's notes, tags or trash are anybody else's, and the numbers, which are the same, are stored once all the same.
"""

import sqlite3
from typing import Any

from core.errors import InputError

_SEPARATOR = "/"  # in no run's name


def record_id(run_id: str, private_to: str = "") -> str:
    """The name of a record; that of a public one is the run's."""
    return f"{run_id}{_SEPARATOR}{private_to}" if private_to else run_id


def run_of(record_id: str) -> str:
    """The name of a record's run."""
    return record_id.partition(_SEPARATOR)[0]


def visible(viewer: str) -> tuple[str, list[Any]]:
    """SQL about a row of `runs`: what is public, and what is private to `viewer`; with its values.

    A public record of a run is left out where the viewer has a private one of it, so that a list names each run once.
    """
    if not viewer:
        return "private_to = ''", []
    twins = (
        "SELECT other.id FROM runs AS own JOIN runs AS other "
        f"ON other.run_id = substr(own.run_id, 1, instr(own.run_id, '{_SEPARATOR}') - 1) "
        # The second condition is what the index of private records is about.
        "WHERE own.private_to = ? AND own.private_to <> '' AND (own.deleted IS NULL) = (other.deleted IS NULL)"
    )
    return f"private_to IN ('', ?) AND id NOT IN ({twins})", [viewer, viewer]


def set_private(connection: sqlite3.Connection, row: int, private: bool) -> None:
    """Makes a record private to whoever asked first, or public, within a transaction.

    Raises:
        InputError: nobody is known to have asked, or there is such a record already.
    """
    name, who = connection.execute("SELECT run_id, who FROM runs WHERE id = ?", (row,)).fetchone()
    if private and not who:
        raise InputError("Nobody is known to have asked this, so there is nobody to whom it could be private.")
    owner = who if private else ""
    try:
        connection.execute(
            "UPDATE runs SET run_id = ?, private_to = ? WHERE id = ?", (record_id(run_of(name), owner), owner, row)
        )
    except sqlite3.IntegrityError:
        raise InputError(
            "The same was asked privately as well, and that line stays as it is. Delete one of the two first."
            if private
            else "Somebody has asked the same for everybody to see, so it is public already. This line stays private."
        ) from None
