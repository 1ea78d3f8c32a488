"""One record of the history, and the columns that hold it."""

import json
import sqlite3
from dataclasses import asdict, dataclass
from typing import Any

from cache.files.sqlite import storable
from cache.runs.visibility import record_id, run_of

_DETAILS = ("request", "thumbnail", "picture_names")
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
    details = {"request": request, "thumbnail": run.thumbnail, "picture_names": called}
    values = {name: value for name, value in values.items() if name not in (*_DETAILS, *_COUNTED)}
    values["tags"] = json.dumps([storable(tag) for tag in run.tags], ensure_ascii=False)
    return values, details


def from_columns(row: sqlite3.Row) -> RunRecord:
    """The record that a row of both tables holds."""
    values = dict(row)
    del values["id"], values["stored_since"]
    values |= {
        "run_id": run_of(values["run_id"]),
        "request": json.loads(values["request"]),
        "tags": tuple(json.loads(values["tags"])),
        "picture_names": tuple(json.loads(values["picture_names"])),
        "pinned": bool(values["pinned"]),
    }
    return RunRecord(**values)
