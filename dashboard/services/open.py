"""Opens a stored run, its pictures and what its studies found; read once, and remembered for a while."""

import time
from collections.abc import Sequence
from typing import Any

from cache import RunRecord
from core import ExplainError, ExplainRequest, ExplainResult, InputError
from core.schema.run_requests import whole_run
from dashboard import resources
from dashboard.formatting import literal, short
from dashboard.jobs.job import Job
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import study_id
from dashboard.jobs.stored_videos import stored_source
from dashboard.jobs.studies.registry import find_study
from dashboard.language import _, counted, listed
from dashboard.loaded_run import EvictedRun, LoadedRun
from dashboard.services.access import find_record, is_run_id
from dashboard.services.seen_pictures import with_seen_pictures
from dashboard.services.waiting import run_job
from dashboard.session.kept import for_an_hour


def stored_picture(image: str, name: str, request: ExplainRequest) -> ChosenPicture | None:
    """The picture of that digest as it was uploaded, or the video's frames; None where they are gone or damaged.

    Args:
        name: as people know it.
        request: that is about it.
    """
    try:
        return stored_source(name, image, request, resources.storage()).checked()
    except ExplainError:
        return None


def stored_pictures(request: ExplainRequest, names: Sequence[str]) -> tuple[ChosenPicture, ...]:
    """All pictures of a question as they were uploaded, or the frames of its video.

    Args:
        names: as people know them.

    Raises:
        InputError: one is gone or damaged; the sentence names it.
    """
    called = [
        *names,
        *(_("picture {number}", number=number + 1) for number in range(len(names), len(request.all_images))),
    ]
    found = [stored_picture(image, name, request) for image, name in zip(request.all_images, called, strict=False)]
    missing = [literal(short(name, 60)) for name, chosen in zip(called, found, strict=False) if chosen is None]
    if missing and request.is_video:
        raise InputError(
            _(
                "The frames of the video {name} are no longer stored. Upload it again under Compute, and ask there.",
                name=missing[0],
            )
        )
    if missing:
        raise InputError(
            counted(
                "The picture {names} is no longer stored. Upload it again under Compute, and ask there.",
                "The pictures {names} are no longer stored. Upload them again under Compute, and ask there.",
                len(missing),
                names=listed(missing),
            )
        )
    return tuple(found)


def _read_run(
    name: str, picture_names: tuple[str, ...], _record: RunRecord
) -> tuple[ExplainResult, tuple[ChosenPicture, ...], float]:
    started = time.perf_counter()
    request = ExplainRequest.from_dict(_record.request)
    result = resources.storage().results.get_all(whole_run(request))
    seconds = time.perf_counter() - started
    try:
        pictures = stored_pictures(request, picture_names)
    except InputError:
        raise IncompleteRun(EvictedRun(_record, None)) from None
    if result is None:
        raise IncompleteRun(EvictedRun(_record, pictures[0], pictures if len(pictures) > 1 else ()))
    return with_seen_pictures(result, pictures), pictures, seconds


# Heat, and no pixels; what raises is not remembered. Records of the history are not in it: who may see one is asked
# anew each time.
read_run = for_an_hour(12)(_read_run)


def _read_study(study: str, run_id: str, answer: str, _run: ExplainResult) -> Any:
    found = find_study(study).read(_run, resources.storage().results)
    if found is None:
        raise IncompleteRun(None)
    return found


# Word by word, and layer by layer for each method: hundreds of entries, and a page is drawn often.
read_findings = for_an_hour(32)(_read_study)


class IncompleteRun(Exception):  # noqa: N818 - carries what was found past a cache that keeps complete runs only
    def __init__(self, run: EvictedRun | None) -> None:
        super().__init__()
        self.run = run


def open_run(name: str, viewer: str | None = None) -> LoadedRun | EvictedRun | None:
    """The run that an address names; None if nobody here ever ran it, or only others for themselves.

    Args:
        viewer: see `find_record`.

    Raises:
        StoreError: the history cannot be read.
    """
    if not is_run_id(name):
        return None
    job = run_job(name) if viewer is None else None
    if job is not None and job.outcome is not None and not job.outcome.kept:
        return shown(job)
    record = find_record(name, viewer)
    if record is None:
        return None
    try:
        result, pictures, seconds = read_run(record.run_id, record.names, record)
    except IncompleteRun as found:
        return found.run
    return LoadedRun(result, pictures[0], record, seconds, pictures=pictures if len(pictures) > 1 else ())


def findings(run: LoadedRun, study: str) -> Any:
    """What a study found about a run, or None while that is not complete."""
    job = resources.jobs().get(study_id(run.id, study))
    if job is not None and job.outcome is not None and not job.outcome.kept:
        return job.outcome.findings
    try:
        return read_findings(study, run.id, run.result.answer.text, run.result)
    except IncompleteRun:
        return None


def shown(job: Job) -> LoadedRun:
    """The outcome of a finished job, from memory."""
    question = job.question
    return LoadedRun(job.outcome.result, question.chosen, notices=job.outcome.notices, pictures=question.pictures)
