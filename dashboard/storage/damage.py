"""What of the data folder was lost, set aside or cannot be read, until an administrator has acknowledged it.

It is read off the folder itself, so that every server and command that uses it says the same: damaged files that were
set aside (`*.broken-*Z`), notes about what was deleted under a running server or before its start (`*.lost-*Z`), and
rows and batches that were found unreadable. What is acknowledged is remembered in the folder, and nothing is deleted
for it.
"""

import json
import logging
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cache.errors import store_error
from cache.files.folders import alone, private_folder, write_whole

logger = logging.getLogger(__name__)

Kind = Literal["set aside", "lost", "damaged", "unreadable"]

WHOLE = "the file itself"
"""Stands for a row where a database is damaged that is in use."""

PARTS = ("history", "results", "jobs", "pictures", "batches", "audit")
"""Folders of the data folder, those first whose loss costs most."""

_STAMPED = re.compile(r"(?P<name>.+)\.(?P<kind>broken|lost)-(?P<moment>\d{8}T\d{6}\.\d{1,6}Z)")
_DATABASES = {"history": "runs.sqlite", "results": "cache.db", "jobs": "jobs.sqlite"}
_CALLED = {
    "history": "The history of runs",
    "results": "The store of results",
    "jobs": "The list of jobs",
    "pictures": "The folder of pictures",
    "batches": "The folder of batches",
    "audit": "The audit log",
}
_LEFT_OUT = {
    "history": ("run", "runs"),
    "results": ("entry", "entries"),
    "jobs": ("job", "jobs"),
    "pictures": ("entry", "entries"),
    "batches": ("batch", "batches"),
    "audit": ("line", "lines"),
}
_LISTED_AGAIN = (
    " To list the runs again whose results are stored, private to somebody: "
    "python -m dashboard store recover --stored-for NAME"
)
_FOLDER, _FILE = "acknowledged", "damage.json"


@dataclass(frozen=True)
class Damage:
    """One thing that is lost or cannot be read.

    Attributes:
        name: what it is acknowledged by: the file's path in the data folder, or its part and which row.
        part: one of `PARTS`.
        kind: what happened to it.
        when: the moment, seconds since 1970; None where that is not known.
    """

    name: str
    part: str
    kind: Kind
    when: float | None = None


def acknowledgements_folder(folder: Path) -> Path:
    """Where a data folder remembers what damage was acknowledged."""
    return folder / _FOLDER


def found(folder: Path, unreadable: Mapping[str, Iterable[object]] | None = None) -> list[Damage]:
    """All damage of a data folder that nobody has acknowledged, the gravest part first.

    Args:
        unreadable: of each part, the rows or files that were found unreadable.
    """
    damage = [*_set_aside(folder), *_lost(folder)]
    for part, names in (unreadable or {}).items():
        damage += [Damage(f"{part}/{name}", part, "damaged" if name == WHOLE else "unreadable") for name in names]
    known = acknowledged(folder)
    waiting = [one for one in damage if one.name not in known]
    return sorted(waiting, key=lambda one: (PARTS.index(one.part), one.when or 0.0, one.name))


def rows_in_words(rows: Mapping[int, str]) -> list[str]:
    """How unreadable rows of a database are named, by their numbers and columns."""
    return [f"row {number} ({column})" for number, column in sorted(dict(rows).items())]


def sentences(folder: Path, damage: Iterable[Damage]) -> list[str]:
    """What happened and what to do, in words for people: one sentence or a few for each part and kind."""
    grouped: dict[tuple[str, Kind], list[Damage]] = {}
    for one in damage:
        grouped.setdefault((one.part, one.kind), []).append(one)
    return [_in_words(folder, part, kind, several) for (part, kind), several in grouped.items()]


def acknowledged(folder: Path) -> set[str]:
    """The names of damage that an administrator has acknowledged; none where the file cannot be read."""
    try:
        names = json.loads((acknowledgements_folder(folder) / _FILE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return set()
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def acknowledge(folder: Path, damage: Iterable[Damage]) -> list[str]:
    """Remembers that an administrator has seen this damage; returns the names that were new.

    Raises:
        StoreError: the data folder cannot be written.
    """
    what = "The list of acknowledged damage"
    own = private_folder(acknowledgements_folder(folder), f"{_FILE}*", what)
    try:
        with alone(own):
            known = acknowledged(folder)
            new = sorted({one.name for one in damage} - known)
            if new:
                write_whole(own / _FILE, json.dumps(sorted({*known, *new})).encode("ascii"), f"{_FILE}.part")
    except OSError as error:
        raise store_error(error, f"{what} in {own}") from error
    return new


def _set_aside(folder: Path) -> list[Damage]:
    found = []
    for part, database in _DATABASES.items():
        found += [
            Damage(f"{part}/{name}", part, "set aside", moment)
            for name, called, kind, moment in _stamped(folder / part)
            if called == database and kind == "broken"
        ]
    return found


def _lost(folder: Path) -> list[Damage]:
    return [
        Damage(name, called, "lost", moment)
        for name, called, kind, moment in _stamped(folder)
        if called in PARTS and kind == "lost"
    ]


def _stamped(folder: Path) -> list[tuple[str, str, str, float]]:
    """Files of a folder that bear a moment: name, what it was called before, which kind, and the moment."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = []
    for name in sorted(names):
        match = _STAMPED.fullmatch(name)
        if match is None:
            continue
        try:
            moment = datetime.strptime(match["moment"], "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            continue
        found.append((name, match["name"], match["kind"], moment))
    return found


def _in_words(folder: Path, part: str, kind: Kind, several: list[Damage]) -> str:
    called = _CALLED[part]
    latest = max((one.when for one in several if one.when is not None), default=None)
    when = "" if latest is None else f" on {datetime.fromtimestamp(latest, UTC):%d %b %Y, %H:%M} UTC"
    if kind == "lost":
        return (
            f"{called} was found deleted or replaced{when}. What was there and is not now is lost, unless you put a "
            f"backup in its place; what came since is stored.{_LISTED_AGAIN if part == 'history' else ''}"
        )
    if kind == "damaged":
        return (
            f"{called} in {folder / part / _DATABASES.get(part, '')} is damaged: not all of it can be read. "
            "Stop the server, run this, and start it again: python -m dashboard store recover"
        )
    if kind == "unreadable":
        one, many = _LEFT_OUT[part]
        where, which = folder / part / _DATABASES.get(part, ""), _first([one.name.partition("/")[2] for one in several])
        if len(several) == 1:
            return f"1 {one} in {where} cannot be read and is left out ({which}). All the others are there."
        return (
            f"{len(several):,} {many} in {where} cannot be read and are left out ({which}). All the others are there."
        )
    files = _first([str(folder / one.name) for one in several])
    begin = f"{called} was damaged{when} and set aside as {files}; a fresh file was begun."
    if part == "history":
        return f"{begin} To bring back every run that can still be read: python -m dashboard store recover"
    if part == "results":
        return f"{begin} Runs stay in History, and their heat is computed again when somebody asks."
    return f"{begin} What was asked and was not finished then has to be asked again."


def _first(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" ..." if len(names) > 3 else "")
