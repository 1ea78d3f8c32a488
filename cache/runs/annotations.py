"""What people write about runs: titles, notes, tags, ratings and pins; and the trash."""

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from cache.files.sqlite import storable
from cache.runs.visibility import set_private
from core.errors import InputError

MOST_STARS = 5
LONGEST_TAG = 40
MOST_TAGS = 30
LONGEST_TITLE = 200
LONGEST_NOTE = 10_000


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is written about runs; None leaves a field as it is.

    Attributes:
        title, note: "" takes them away.
        rating: 1 to 5 stars; 0 takes them away.
        pinned: whether the run stands above the others.
        add_tags, remove_tags: tags are compared letter by letter, without the blanks around them.
        region: corners of a region on its picture; "" takes it away.
        trash: whether it is put into the trash, or taken out of it.
        private: whether it is for whoever asked first alone, or for everybody.

    Raises:
        InputError: a text is too long, or a rating is none.
    """

    title: str | None = None
    note: str | None = None
    rating: int | None = None
    pinned: bool | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    region: str | None = None
    trash: bool | None = None
    private: bool | None = None

    def __post_init__(self) -> None:
        check_text("A title", self.title or "", LONGEST_TITLE)
        check_text("A note", self.note or "", LONGEST_NOTE)
        check_text("A region", self.region or "", LONGEST_NOTE)
        for tag in self.add_tags:
            check_text("A tag", tag, LONGEST_TAG)
        if self.rating is not None and self.rating not in range(MOST_STARS + 1):
            raise InputError(f"A rating is a whole number from 0 to {MOST_STARS}, not {self.rating!r}.")


def check_text(what: str, text: str, longest: int) -> None:
    """Raises InputError where a text is too long; `what` begins the sentence."""
    if len(text) > longest:
        raise InputError(f"{what} has at most {longest:,} characters, not {len(text):,}. Shorten it.")


def clean_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Tags on one line each, without blanks around them, each once."""
    lines = (" ".join(storable(tag).split()) for tag in tags)
    return tuple(dict.fromkeys(line for line in lines if line))


def write(connection: sqlite3.Connection, record_ids: Sequence[str], change: Change) -> int:
    """Writes a change within a transaction; returns how many of the records are known.

    Raises:
        InputError: a run would have too many tags, or cannot become private or public.
    """
    values = {
        "title": None if change.title is None else " ".join(storable(change.title).split()),
        "note": None if change.note is None else storable(change.note).strip(),
        "rating": change.rating,
        "region": None if change.region is None else storable(change.region),
        "pinned": None if change.pinned is None else int(change.pinned),
    }
    told = {name: value for name, value in values.items() if value is not None}
    if change.trash is not None:
        told["deleted"] = time.time() if change.trash else None
    known = 0
    for name in record_ids:
        row = connection.execute("SELECT id, tags FROM runs WHERE run_id = ?", (name,)).fetchone()
        if row is None:
            continue
        known += 1
        fields = told
        if change.add_tags or change.remove_tags:
            fields = told | {"tags": _tags(row["tags"], change)}
        if fields:
            # Names of columns from above, values bound.
            slots = ", ".join(f"{name} = :{name}" for name in fields)
            connection.execute(f"UPDATE runs SET {slots} WHERE id = :id", {**fields, "id": row["id"]})
        if change.private is not None:
            set_private(connection, row["id"], change.private)
    return known


def _tags(stored: str, change: Change) -> str:
    removed = set(clean_tags(change.remove_tags))
    tags = [tag for tag in clean_tags([*_known_tags(stored), *change.add_tags]) if tag not in removed]
    if len(tags) > MOST_TAGS:
        raise InputError(f"A run has at most {MOST_TAGS} tags. Take some away first.")
    return json.dumps(tags, ensure_ascii=False)


def _known_tags(stored: object) -> list[str]:
    """The tags that stand in a row; none where that cannot be read, so that writing mends it."""
    try:
        known = json.loads(stored) if isinstance(stored, str) else []
    except ValueError:
        return []
    return [tag for tag in known if isinstance(tag, str)] if isinstance(known, list) else []
