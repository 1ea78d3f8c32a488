"""A ZIP that another server exported -> runs of this one. Everything in it is a stranger's until it is checked.

Nothing is unpacked to disk, no name in the file is used for anything but finding its parts, and ids and digests are
worked out here. What cannot be checked is whether the numbers really came from the model that they name: so an imported
run has an origin, with which it is shown, and stored under names of its own.

All runs are read and checked before the first one is kept; then they are read again, one at a time.
"""

import re
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from cache import Change, RunRecord, StoreError, run_id
from cache.results.provenance import origin_of, same_numbers, with_origin
from core import ExplainResult, InputError
from core.export.budget import Budget
from core.export.npz_reader import from_npz
from core.export.zips import ZipLimits, named_members, open_zip, read_member
from core.schema.methods import COMBINED
from core.schema.run_requests import whole_run
from dashboard.export.bundle import NOTES, NUMBERS
from dashboard.export.bundle_pictures import read_picture, read_video
from dashboard.export.notes import Notes, plain_name, read_notes
from dashboard.export.reproduce import VIDEO
from dashboard.jobs.persist import record_of
from dashboard.jobs.pictures import ChosenPicture
from dashboard.language import _
from dashboard.storage.data_folder import Storage

LIMITS = ZipLimits(single=2**27)
MOST_RUNS = 500

OnProgress = Callable[[int, int], None]
"""Hears how many of how many steps are done; each run is checked, and then kept."""

_PICTURE = re.compile(r"picture(?:-([1-9]))?\.[a-z]{2,5}")


@dataclass(frozen=True, eq=False)
class Incoming:
    """A run as it was read and checked, not yet kept.

    Attributes:
        result: its numbers, as if they had been computed here.
    """

    result: ExplainResult
    pictures: tuple[ChosenPicture, ...]
    notes: Notes


@dataclass(frozen=True)
class Imported:
    """What came of an import: runs that are new here, and runs that were here already and stay as they are."""

    added: tuple[str, ...]
    known: tuple[str, ...]


class Bundle(Collection[Incoming]):
    """The runs in a ZIP; going through them reads them, one at a time, within one budget.

    Raises:
        InputError: here, or when a run is read: it is no such ZIP, or something in it is not as it was exported.
    """

    def __init__(self, data: bytes) -> None:
        self._size, self._file = len(data), open_zip(data, LIMITS)
        folders: dict[str, dict[str, zipfile.ZipInfo]] = {}
        for path, member in named_members(self._file).items():
            folder, __, name = path.rpartition("/")
            found = _PICTURE.fullmatch(name)
            part = f"picture {found[1] or 1}" if found else name
            if folders.setdefault(folder, {}).setdefault(part, member) is not member:
                raise InputError(_("A run in the ZIP has one of its pictures twice. Export it again."))
        self._runs = [parts for parts in folders.values() if NUMBERS in parts]
        if not self._runs:
            raise InputError(
                _("The ZIP holds no run that can be read, or is cut off. Export runs under History again.")
            )
        if len(self._runs) > MOST_RUNS:
            raise InputError(
                _(
                    "The ZIP holds {count:,} runs; at most {most} can be read at once.",
                    count=len(self._runs),
                    most=MOST_RUNS,
                )
            )

    def __len__(self) -> int:
        return len(self._runs)

    def __iter__(self) -> Iterator[Incoming]:
        budget = Budget(self._size)
        for parts in self._runs:
            yield _read(self._file, parts, budget)

    def __contains__(self, run: object) -> bool:
        return False  # each time they are read they are others


def read_bundle(data: bytes, on_progress: OnProgress = lambda done, total: None) -> Bundle:
    """The runs in a ZIP that `dashboard.export.bundle.bundle` or "All layers ZIP" wrote, all of them checked.

    Raises:
        InputError: it is none, or something in it is not as it was exported; one sentence.
    """
    runs = Bundle(data)
    for done, __ in enumerate(runs, 1):
        on_progress(done, 2 * len(runs))
    return runs


def keep_bundle(
    runs: Collection[Incoming],
    storage: Storage,
    owner: str = "",
    on_progress: OnProgress = lambda done, total: None,
) -> Imported:
    """Keeps runs that are not here yet, for everybody to see; what is stored here already is never replaced.

    A run whose numbers are those of a run that was computed here, bit for bit, is that run. Any other is marked as
    imported, and answers nobody's question.

    Args:
        owner: to whom they belong from now on.

    Raises:
        StoreError: they could not be kept, and none of them is in the history.
    """
    added, known = [], []
    try:
        for done, run in enumerate(runs, 1):
            name, is_new = _keep(run, storage, owner)
            (added if is_new else known).append(name)
            on_progress(len(runs) + done, 2 * len(runs))
    except BaseException:
        for name in added:
            with suppress(StoreError):
                storage.runs.delete(name)
        raise
    return Imported(tuple(added), tuple(known))


def _keep(run: Incoming, storage: Storage, owner: str) -> tuple[str, bool]:
    """The name that a run has here, and whether it is new."""
    result = run.result
    here = storage.results.get_all(whole_run(result.request), counted=False)
    if here is None or not same_numbers(here, _whole(result)):
        result = with_origin(result, origin_of(result))
        if storage.results.get_all(whole_run(result.request), counted=False) is None:
            storage.results.put(result)
    for picture in run.pictures:
        if storage.pictures.get(picture.digest) is None:
            storage.pictures.put(picture.digest, picture.data)
    name = run_id(result.request)
    record = storage.runs.get(name)
    if record is None:
        known = {} if result.request.origin else storage.runs.overview.model_names()
        storage.runs.record(replace(_record(run, result, known), who=owner))
    elif record.deleted is not None:
        storage.runs.write([record.record_id], Change(trash=False))
    return name, record is None


def _read(file: zipfile.ZipFile, parts: dict[str, zipfile.ZipInfo], budget: Budget) -> Incoming:
    def read(part: str) -> bytes:
        budget.take_bytes(parts[part].file_size)
        return read_member(file, parts[part])

    result = with_origin(_as_stored(from_npz(read(NUMBERS), budget)), "")
    notes = read_notes(read(NOTES)) if NOTES in parts else Notes()
    images = result.request.all_images
    each = result.pictures or (result,)
    if tuple(one.request.image for one in each) != images:
        raise InputError(_("A run in the ZIP comes without the maps of all its pictures. Export it again."))
    if any(one.request.method != COMBINED and COMBINED not in one.companions for one in each):
        raise InputError(_("A run in the ZIP comes without its combined map. Export it again."))
    if result.request.is_video:
        if VIDEO not in parts:
            raise InputError(_("A run in the ZIP comes without the frames of its video. Export it again."))
        video = read_video(notes.name_of(0), read(VIDEO), result.request.image, result.request.frames, budget)
        return Incoming(result, (video,), notes)
    pictures = []
    for number, image in enumerate(images):
        if (part := f"picture {number + 1}") not in parts:
            raise InputError(_("A run in the ZIP comes without its picture. Export it again."))
        pictures.append(read_picture(notes.name_of(number), read(part), image, budget))
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


def _whole(result: ExplainResult) -> ExplainResult:
    """What a run consists of, without what other methods it came with."""
    return replace(
        result,
        companions={name: each for name, each in result.companions.items() if name == COMBINED},
        pictures=tuple(map(_whole, result.pictures)),
    )


def _record(run: Incoming, result: ExplainResult, known: Mapping[str, str]) -> RunRecord:
    """Its record. Of numbers that are our own, and bear no mark, it is known here what the model is called."""
    notes, fingerprint = run.notes, result.request.model
    called = notes.model if result.request.origin else known.get(fingerprint, "")
    record = record_of(
        result,
        run.pictures,
        model_name=called or plain_name(f"model {fingerprint[:12]}"),
        duration=notes.duration or 0.0,
        # Another machine's pace says nothing about this one's.
        computed_samples=0,
        title=notes.title,
        note=notes.note,
        tags=tuple(notes.tags),
        rating=notes.rating,
    )
    return replace(record, created=min(notes.created or record.created, record.created))
