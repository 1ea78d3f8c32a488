"""A ZIP that another server exported -> runs of this one. Everything in it is a stranger's until it is checked.

Nothing is unpacked to disk, no name in the file is used for anything but finding its parts, and ids and digests are
worked out here. What cannot be checked is whether the numbers really came from the model that they name.
"""

import json
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cache import Change, RunRecord, run_id
from cache.runs.annotations import clean_tags
from core import ExplainResult, InputError
from core.export.npz_reader import from_npz
from core.export.zips import ZipLimits, open_zip, read_member
from core.schema import MAX_PICTURES
from core.schema.run_requests import whole_run
from dashboard.export.bundle import NOTES, NUMBERS
from dashboard.jobs.persist import record_of
from dashboard.jobs.pictures import ChosenPicture, expected_picture
from dashboard.storage.data_folder import Storage

LIMITS = ZipLimits()
MOST_RUNS = 500
TAG = "imported"
"""What every imported run is tagged with: people should see that another server computed it."""

_PICTURE = re.compile(r"picture(?:-([1-9]))?\.[a-z]{2,5}")
_LONGEST_NAME = 300


@dataclass(frozen=True, eq=False)
class Incoming:
    """A run as it was read and checked, not yet kept."""

    result: ExplainResult
    pictures: tuple[ChosenPicture, ...]
    notes: dict[str, Any]


@dataclass(frozen=True)
class Imported:
    """What came of an import: runs that are new here, and runs that were here already and stay as they are."""

    added: tuple[str, ...]
    known: tuple[str, ...]


def read_bundle(data: bytes) -> list[Incoming]:
    """The runs in a ZIP that `dashboard.export.bundle.bundle` or "All layers ZIP" wrote.

    Raises:
        InputError: it is none, or something in it is not as it was exported; one sentence.
    """
    file = open_zip(data, LIMITS)
    folders: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in file.infolist():
        folder, _, name = member.filename.rpartition("/")
        found = _PICTURE.fullmatch(name)
        part = f"picture {found[1] or 1}" if found else name
        folders.setdefault(folder, {})[part] = member
    runs = [parts for parts in folders.values() if NUMBERS in parts]
    if not runs:
        raise InputError("The ZIP holds no run that can be read, or is cut off. Export runs under History again.")
    if len(runs) > MOST_RUNS:
        raise InputError(f"The ZIP holds {len(runs):,} runs; at most {MOST_RUNS} can be read at once.")
    return [_read(file, parts) for parts in runs]


def keep_bundle(runs: Sequence[Incoming], storage: Storage, owner: str = "") -> Imported:
    """Keeps runs that are not here yet, for everybody to see; what is stored here already is never replaced.

    Args:
        owner: to whom they belong from now on.

    Raises:
        StoreError: they could not be kept; what was kept before that stays.
    """
    added, known = [], []
    for run in runs:
        name = run_id(run.result.request)
        if storage.results.get_all(whole_run(run.result.request)) is None:
            storage.results.put(run.result)
        for chosen in run.pictures:
            if storage.pictures.get(chosen.picture.digest) is None:
                storage.pictures.put(chosen.picture.digest, chosen.data)
        record = storage.runs.get(name)
        if record is None:
            storage.runs.record(replace(_record(run), who=owner))
        elif record.deleted is not None:
            storage.runs.write([name], Change(trash=False))
        (added if record is None else known).append(name)
    return Imported(tuple(added), tuple(known))


def _read(file: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo]) -> Incoming:
    result = _as_stored(from_npz(read_member(file, parts[NUMBERS])))
    other = "The picture of a run in the ZIP is not the one that its numbers are about. Export it again."
    notes = _notes(read_member(file, parts[NOTES])) if NOTES in parts else {}
    images = result.request.all_images
    if tuple(each.request.image for each in result.pictures or (result,)) != images:
        raise InputError("A run in the ZIP comes without the maps of all its pictures. Export it again.")
    names = notes.get("picture_names") or (notes.get("picture_name", ""),)
    pictures = []
    for number, image in enumerate(images, 1):
        if f"picture {number}" not in parts:
            raise InputError("A run in the ZIP comes without its picture. Export it again.")
        data = read_member(file, parts[f"picture {number}"])
        picture = expected_picture(data, image, other)
        name = names[number - 1] if number <= len(names) else ""
        pictures.append(ChosenPicture(name or "imported picture", data, picture))
    return Incoming(result, tuple(pictures), notes)


def _as_stored(result: ExplainResult) -> ExplainResult:
    """A run that was stopped after k samples is a run of k samples, as in the store."""
    if result.request.noise_std == 0 or result.num_samples == result.request.num_samples:
        return result
    return replace(
        result,
        request=replace(result.request, num_samples=result.num_samples),
        companions={name: _as_stored(each) for name, each in result.companions.items()},
        pictures=tuple(map(_as_stored, result.pictures)),
    )


def _notes(data: bytes) -> dict[str, Any]:
    """What people wrote about a run; what is not as an export writes it is a sentence."""
    try:
        told = json.loads(data)
        notes = {
            "title": str(told.get("title", "")),
            "note": str(told.get("note", "")),
            "tags": clean_tags([str(tag) for tag in told.get("tags", [])]),
            "rating": int(told.get("rating", 0)),
            "picture_name": str(told.get("picture_name", ""))[:_LONGEST_NAME],
            "picture_names": tuple(str(name)[:_LONGEST_NAME] for name in told.get("picture_names", [])[:MAX_PICTURES]),
            "model_name": str(told.get("model_name", ""))[:_LONGEST_NAME],
            "created": _number(told.get("created")),
            "duration": _number(told.get("duration")),
        }
    except (AttributeError, OverflowError, RecursionError, TypeError, ValueError):
        raise InputError(f"{NOTES} in the ZIP cannot be read. Export the run again.") from None
    Change(title=notes["title"], note=notes["note"], rating=notes["rating"], add_tags=notes["tags"])
    return notes


def _number(value: Any) -> float:
    """A number from 0; 0 for what is none."""
    number = float(value or 0)
    return number if 0 <= number < math.inf else 0.0


def _record(run: Incoming) -> RunRecord:
    notes = run.notes
    record = record_of(
        run.result,
        run.pictures,
        model_name=notes.get("model_name") or f"model {run.result.request.model[:12]}",
        duration=notes.get("duration", 0.0),
        # Another machine's pace says nothing about this one's.
        computed_samples=0,
        title=notes.get("title", ""),
        note=notes.get("note", ""),
        tags=clean_tags([*notes.get("tags", ()), TAG]),
        rating=notes.get("rating", 0),
    )
    return replace(record, created=min(notes.get("created") or record.created, record.created))
