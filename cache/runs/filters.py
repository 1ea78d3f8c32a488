"""Which runs of the history are listed, and in what order: plain values -> SQL with bound values only."""

from dataclasses import dataclass
from typing import Any

from cache.files.sqlite import storable
from cache.runs.ngrams import LONGEST, token
from cache.runs.visibility import visible

_MOST_WORDS = 50

Span = tuple[float | None, float | None]
"""From and up to, both included; None leaves an end open."""

_ANY: Span = (None, None)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """What a run must fulfil to be listed; each field's default lets every run through.

    Attributes:
        search: every word of it occurs somewhere in prompt, answer, note or title.
        picture: occurs in the picture's name.
        model, method, tag, who: exactly this one; "" for any.
        rating: at least so many stars.
        samples: how many noise samples.
        created: when it first ran, seconds since 1970.
        duration: how many seconds it took.
        stored: whether its results are stored; None for either.
        size: how many bytes of results are stored; what is gone has none.
        pinned: only what is pinned.
        trash: what is in the trash instead of what is not.
        viewer: who looks: others' private runs are never listed, and all of them are others' to "".
        private: only what is private to the viewer.
        imported: whether it was imported; None for either.
    """

    search: str = ""
    picture: str = ""
    model: str = ""
    method: str = ""
    tag: str = ""
    who: str = ""
    rating: int = 0
    samples: Span = _ANY
    created: Span = _ANY
    duration: Span = _ANY
    stored: bool | None = None
    size: Span = _ANY
    pinned: bool = False
    trash: bool = False
    viewer: str = ""
    private: bool = False
    imported: bool | None = None

    @property
    def index(self) -> str:
        """The index that holds all that this asks for and no text; "" for SQLite's own choice.

        Told to SQLite, which would rather look through the table itself, texts and all: ten times the bytes.
        """
        if self.trash:
            return ""
        return "runs_pinned" if self.asks_little else "runs_listed"

    @property
    def asks_little(self) -> bool:
        """Whether it asks for nothing but words, pins, or neither, whoever looks."""
        return self == Filter(search=self.search, pinned=self.pinned, viewer=self.viewer)

    def condition(self) -> tuple[str, list[Any]]:
        """SQL about a row of `runs`, and its values."""
        # First, in these very words: what is not in the trash has indexes of its own.
        conditions: list[tuple[str, list[Any]]] = [("deleted IS NOT NULL" if self.trash else "deleted IS NULL", [])]
        conditions.append(visible(storable(self.viewer)))
        if self.private:
            conditions.append(("private_to <> ''", []))
        conditions += _search(self.search)
        if self.imported is not None:
            # By the index of what was imported, since that of lists does not know it.
            within = "IN" if self.imported else "NOT IN"
            conditions.append((f"id {within} (SELECT id FROM runs WHERE origin <> '')", []))
        if self.picture.strip():
            conditions.append(_contains("picture_name", storable(self.picture.strip())))
        for column, value in (("model_name", self.model), ("method", self.method), ("who", self.who)):
            if value:
                conditions.append((f"{column} = ?", [storable(value)]))
        if self.tag:
            conditions.append(("id IN (SELECT run FROM run_tags WHERE tag = ?)", [storable(self.tag)]))
        if self.rating > 0:
            conditions.append(("rating >= ?", [self.rating]))
        if self.pinned:
            conditions.append(("pinned = 1", []))
        if self.stored is not None:
            conditions.append(("stored IS NOT NULL" if self.stored else "stored IS NULL", []))
        for column, (low, high) in (
            ("num_samples", self.samples),
            ("created", self.created),
            ("duration", self.duration),
            ("stored", self.size),
        ):
            conditions += [(f"{column} >= ?", [low])] if low is not None else []
            conditions += [(f"{column} <= ?", [high])] if high is not None else []
        return " AND ".join(sql for sql, _ in conditions), [value for _, values in conditions for value in values]


_LONGEST_SORTED = 40
"""Texts are sorted by so many characters: an index of whole prompts would be as large as the table."""

ORDERS = {
    "pinned": "pinned",
    "created": "created",
    "updated": "updated",
    "picture": "picture_name COLLATE NOCASE",
    "title": f"substr(title, 1, {_LONGEST_SORTED}) COLLATE NOCASE",
    "prompt": f"substr(prompt, 1, {_LONGEST_SORTED}) COLLATE NOCASE",
    "answer": f"substr(answer, 1, {_LONGEST_SORTED}) COLLATE NOCASE",
    "model": "model_name",
    "method": "method",
    "samples": "num_samples",
    "duration": "duration",
    "rating": "rating",
    "stored": "stored",
    "tags": "tags COLLATE NOCASE",
    "who": "who COLLATE NOCASE",
}
"""Name of an order -> what rows are sorted by."""


@dataclass(frozen=True)
class Order:
    """How listed runs are sorted; among equals, and below the pinned ones, the latest come first.

    Attributes:
        by: a name of `ORDERS`.
        descending: from the largest, latest or last.

    Raises:
        ValueError: there is no such order.
    """

    by: str = "created"
    descending: bool = True

    def __post_init__(self) -> None:
        if self.by not in ORDERS:
            raise ValueError(f"there is no order {self.by!r}")

    def sql(self, *, backwards: bool = False) -> str:
        """What follows ORDER BY, or the very opposite; no text of people's is in it."""
        direction = "DESC" if self.descending != backwards else "ASC"
        if self.by == "created":
            return f"created {direction}, id {direction}"
        ties = "ASC" if backwards else "DESC"
        return f"{ORDERS[self.by]} {direction}, created {ties}, id {ties}"

    def index(self, where: Filter) -> tuple[str, bool]:
        """The index to take what fulfils a filter from ("" for SQLite's own choice), and whether it has the order."""
        if where.trash:
            return "", False
        of_few = {"pinned": "runs_pinned"} | {text: f"runs_by_{text}" for text in ("title", "prompt", "answer")}
        if where.asks_little and self.by in of_few:
            return of_few[self.by], True
        return "runs_listed", self.by == "created"


def _words(search: str) -> list[str]:
    return storable(search).split()[:_MOST_WORDS]


def _search(search: str) -> list[tuple[str, list[Any]]]:
    """Conditions for "every word occurs".

    Words go through the index of trigrams as quoted phrases, in which nothing is FTS syntax; shorter ones, which have
    no trigram, through that of single characters and pairs. Words after the fiftieth are ignored: SQLite limits the
    depth of an expression.
    """
    words = list(dict.fromkeys(_words(search)))
    phrases = {
        "runs_text": [word.replace('"', '""') for word in words if len(word) > LONGEST],
        "runs_grams": [token(word) for word in words if len(word) <= LONGEST],
    }
    # The plus keeps SQLite from fetching every run that is found only to sort it: it looks through the index
    # that has the order, and asks of each whether it was found.
    return [
        (f"+id IN (SELECT rowid FROM {table} WHERE {table} MATCH ?)", [" ".join(f'"{each}"' for each in quoted)])
        for table, quoted in phrases.items()
        if quoted
    ]


def _contains(column: str, text: str) -> tuple[str, list[Any]]:
    """Whether the column holds the text, whatever the case of its ASCII letters."""
    if not any(character.isascii() and character.isalpha() for character in text):
        # The same without case, and several times as fast as LIKE on text beyond ASCII.
        return f"instr({column}, ?) > 0", [text]
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{column} LIKE ? ESCAPE '\\'", [f"%{escaped}%"]
