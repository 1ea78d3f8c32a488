"""One record of the history, and the columns that hold it."""

import json
import math
import sqlite3
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from cache.files.sqlite import storable
from cache.runs.visibility import record_id, run_of
from core.errors import InputError
from core.schema.conversation import Conversation, conversation_text, turns_of

_DETAILS = ("request", "thumbnail", "picture_names", "video_seconds", "steps")
"""Fields that stand in a table of their own; see `migrations`."""

PEOPLES = ("run_id", "created", "title", "note", "tags", "rating", "pinned", "who", "region", "private_to")
"""Fields that running again does not change."""

_COUNTED = ("stored",)
"""Fields that `stored_sizes` alone writes."""


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """One record of the history.

    Attributes:
        run_id: `keys.run_id` of the request.
        created: first run, seconds since 1970 (UTC); kept when it runs again.
        updated: latest run, likewise.
        image: digest of the picture's pixels.
        picture_name: as people know it (a file name, a scene's title); of several pictures in one prompt all names.
        picture_names: of several pictures, each one's name; () where there is one.
        video_seconds: how long the whole video lasts; 0 where there is none, or nobody wrote it down.
        steps: in how many time steps the model sees it; likewise.
        prompt, answer: what was asked and what the model said; searched, as notes and titles are.
        model_name: as people know it.
        request: `ExplainRequest.to_dict()`.
        method, num_samples, noise_std: repeated from the request, for lists.
        target: what part of the answer is explained, in words.
        duration: seconds the computation took.
        computed_samples: noise samples computed in that time; the others were stored already.
        peak_bytes: the most memory that computing it took at once; 0 where that is not known.
        thumbnail: a small WEBP or PNG.
        title, note, tags, rating, pinned: what people wrote about it; 0 for no rating, else 1 to 5.
        stored: bytes of its results in the store, as last counted (see `stored_sizes`); None where some are gone.
        region: the region last drawn on its picture, as `core.analysis.regions.Region.to_text` writes it; "" for none.
        deleted: when it was put into the trash; None where it is not there.
        who: who ran it first; "" for nobody in particular.
        private_to: who alone sees it; "" where everybody does.
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
    peak_bytes: int = 0
    thumbnail: bytes = b""
    title: str = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    rating: int = 0
    pinned: bool = False
    deleted: float | None = None
    who: str = ""
    region: str = ""
    private_to: str = ""
    stored: int | None = None
    picture_names: tuple[str, ...] = ()
    video_seconds: float = 0.0
    steps: int = 0

    @property
    def origin(self) -> str:
        """Of an imported run, the digest of its numbers; "" for what was computed here. See `ExplainRequest.origin`."""
        return str(self.request.get("origin", ""))

    @property
    def conversation(self) -> Conversation:
        """What was said before the prompt, as the request has it."""
        try:
            return turns_of(self.request.get("conversation", ()))
        except InputError:  # a row may have been written by another version, or by hand
            return ()

    @property
    def earlier(self) -> str:
        """The same as text, a turn after the other; searched, as the prompt is."""
        return conversation_text(self.conversation)

    @property
    def asked(self) -> str:
        """The prompt, after what the user asked before it."""
        before = [turn.text for turn in self.conversation if turn.role == "user" and turn.text]
        return " › ".join([*before, self.prompt])

    @property
    def record_id(self) -> str:
        """The name of this very record, by which it is written to."""
        return record_id(self.run_id, self.private_to)

    @property
    def names(self) -> tuple[str, ...]:
        """What each picture of the prompt is called."""
        return self.picture_names or (self.picture_name,)


def to_columns(run: RunRecord) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is written of a record into the table that lists are made from, and into that of details."""
    values = {name: storable(value) for name, value in asdict(run).items()}
    values["run_id"] = record_id(values["run_id"], values["private_to"])
    called = json.dumps([storable(name) for name in run.picture_names], ensure_ascii=False)
    request = json.dumps(run.request, sort_keys=True)
    details = {name: values[name] for name in _DETAILS} | {"request": request, "picture_names": called}
    values = {name: value for name, value in values.items() if name not in (*_DETAILS, *_COUNTED)}
    values |= {"origin": storable(run.origin), "earlier": storable(run.earlier)}
    values["tags"] = json.dumps([storable(tag) for tag in run.tags], ensure_ascii=False)
    return values, details


class UnreadableRow(Exception):  # noqa: N818 - a state of the bytes, handled as a row that is left out
    """A row holds what no record is made of; the text says which column."""


def from_columns(row: sqlite3.Row) -> RunRecord:
    """The record that a row of both tables holds.

    SQLite checks no types, and a damaged page or another program leaves anything in a column.

    Raises:
        UnreadableRow: a column holds what a record cannot have there.
    """
    values = {name: value for name, value in dict(row).items() if name in _KINDS}
    for name, value in values.items():
        if not _KINDS[name](value):
            raise UnreadableRow(name)
    try:
        for name, kind in (("request", dict), ("tags", list), ("picture_names", list)):
            values[name] = json.loads(values[name])
            if not isinstance(values[name], kind):
                raise UnreadableRow(name)
    except (ValueError, RecursionError):
        raise UnreadableRow(name) from None
    if not all(isinstance(each, str) for each in (*values["tags"], *values["picture_names"])):
        raise UnreadableRow("tags")
    values |= {
        "run_id": run_of(values["run_id"]),
        # A half surrogate pair, written in JSON as an escape, is no text that a page can show. In a request it stays,
        # since its key is of the very same text.
        "tags": tuple(map(storable, values["tags"])),
        "picture_names": tuple(map(storable, values["picture_names"])),
        "pinned": bool(values["pinned"]),
    }
    return RunRecord(**values)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_time(value: Any) -> bool:
    return isinstance(value, float | int) and 0 <= value <= LATEST


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and 0 <= value < 2**62


def _is_number(value: Any) -> bool:
    return isinstance(value, float | int) and math.isfinite(value) and abs(value) < 1e15


def _or_none(kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or kind(value)


LATEST = 253402300799.0
"""The last second of the year 9999: no calendar goes further."""

_KINDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(
        ("run_id", "image", "picture_name", "prompt", "answer", "model_name", "method", "target"), _is_text
    ),
    **dict.fromkeys(("title", "note", "who", "region", "private_to"), _is_text),
    **dict.fromkeys(("request", "tags", "picture_names"), _is_text),  # JSON
    **dict.fromkeys(("created", "updated"), _is_time),
    **dict.fromkeys(("num_samples", "computed_samples", "peak_bytes", "pinned", "steps"), _is_count),
    **dict.fromkeys(("duration", "noise_std", "video_seconds"), _is_number),
    "rating": lambda value: isinstance(value, int) and 0 <= value <= 5,
    "thumbnail": lambda value: isinstance(value, bytes),
    "deleted": _or_none(_is_time),
    "stored": _or_none(_is_count),
}
"""Column -> whether it can hold a value."""
