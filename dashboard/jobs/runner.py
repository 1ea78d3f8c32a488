"""What one job does: compute what is missing, keep it, and write it into the history."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cache import StoreError, look_up
from core import ExplainResult, Picture, Progress, Video
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs import device_speed
from dashboard.jobs.backends import Backend, first_stage
from dashboard.jobs.compute_missing import Enough, Stopped, compute_missing, largest_run, partial_results, store_partial
from dashboard.jobs.persist import keep, not_kept
from dashboard.jobs.question import Outcome, Question, Step
from dashboard.jobs.studies.base import StudyTools
from dashboard.jobs.studies.registry import check_study, find_study
from dashboard.jobs.videos import ChosenVideo
from dashboard.storage.data_folder import Storage

logger = logging.getLogger(__name__)


KEEP_SECONDS = 5.0
"""What a run has computed is stored so often: a server that is killed loses no more."""


def compute(
    question: Question, on_progress: Callable[[Progress | Step], None], *, storage: Storage, backend: Backend
) -> Outcome:
    """Computes the maps and samples of a question that are not stored yet, its combined map included, and keeps them.

    Args:
        on_progress: hears of every token and sample; `Cancelled` raised from it stops the run, and
            samples done by then are kept as a run of so many.

    Returns:
        The result; where it could not be stored, it says so and is still complete.

    Raises:
        ExplainError: as `core.Explainer.run`.
        Cancelled: the run was stopped before there was a map of everything; what was computed is kept.
    """
    on_progress = _storing(on_progress, storage)
    if question.study:
        return _study(question, on_progress, storage=storage, backend=backend)
    wanted = whole_run(question.request)
    coverage = look_up(storage.results, wanted)
    if not coverage.missing:
        return keep(question, gather(coverage.complete([])), storage, seconds=0.0)
    explainer = _explainer(question, on_progress, backend)
    try:
        computed = compute_missing(coverage, _pixels(question), explainer, on_progress)
    except Stopped as stop:
        store_partial(stop.partial, storage.results)
        fewer = largest_run(wanted, stop.partial, storage.results)
        if fewer is None:
            raise
        # A run of more samples than it came to was there before.
        samples = stop.computed if fewer[0].num_samples == stop.done else 0
        seconds, peak = _seconds(stop.partial), _peak(stop.partial)
        outcome = keep(question, gather(fewer), storage, seconds=seconds, samples=samples, peak_bytes=peak)
        enough = isinstance(stop.__cause__, Enough)
        return replace(outcome, stopped=not enough, settled=enough)
    device_speed.note_run(backend, question, computed, coverage.missing_samples, storage.rates)
    result = gather(coverage.complete(computed))
    seconds, samples, peak = _seconds(computed), coverage.missing_samples, _peak(computed)
    return keep(question, result, storage, seconds=seconds, samples=samples, peak_bytes=peak)


def _seconds(results: Sequence[ExplainResult]) -> float:
    """What computing took. Loading the model is no part of it: a worker may have done that only now."""
    return max(sum(result.timings.values()) for result in results)


def _peak(results: Sequence[ExplainResult]) -> int:
    return max(result.peak_bytes for result in results)


def _storing(on_progress: Callable[[Progress | Step], None], storage: Storage) -> Callable[[Progress | Step], None]:
    """`on_progress`, which now and then also stores what there is so far."""
    at, stored = time.monotonic(), None

    def report(progress: Progress | Step) -> None:
        nonlocal at, stored
        is_partial = isinstance(progress, Progress) and progress.begun < progress.done < progress.total
        # While a chunk goes on the same is told again and again, to hear whether to stop: it is stored once.
        if is_partial and progress is not stored and time.monotonic() - at > KEEP_SECONDS:
            store_partial(partial_results(progress), storage.results)
            at, stored = time.monotonic(), progress
        on_progress(progress)

    return report


def _study(
    question: Question, on_progress: Callable[[Progress | Step], None], *, storage: Storage, backend: Backend
) -> Outcome:
    """Computes what a study lacks and stores it; a failure to store becomes a notice."""
    check_study(question.study, question.run)
    study = find_study(question.study)
    tools = StudyTools(
        run=question.run,
        pictures=_pixels(question),
        results=storage.results,
        explainer=lambda: _explainer(question, on_progress, backend),
        on_progress=on_progress,
    )
    try:
        findings = study.compute(tools)
    except Stopped as stop:
        store_partial(stop.partial, storage.results)
        raise
    try:
        study.save(findings, question.run, storage.results)
    except StoreError as error:
        return not_kept(Outcome(question.run, findings=findings), error)
    return Outcome(question.run, findings=findings)


def _explainer(question: Question, on_progress: Callable[[Progress | Step], None], backend: Backend) -> Any:
    stage = first_stage(backend)
    on_progress(Progress(stage, 0, 1))
    explainer = backend.get(question.card)
    if stage != "load":  # workers that are there load the model when they are first asked something
        on_progress(Progress("load", 0, 1))
    return explainer


def _pixels(question: Question) -> tuple[Picture, ...] | Video:
    """What the model is shown: the prompt's pictures, or its video."""
    if isinstance(question.chosen, ChosenVideo):
        return question.chosen.exact
    return tuple(chosen.picture for chosen in question.all_pictures)
