"""What one job does: compute what is missing, keep it, and write it into the history."""

import io
import logging
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from PIL import Image

from cache import Run, StoreError, assemble, run_id
from core import Cancelled, ExplainResult, Progress
from core.methods import COMBINED
from core.render import fit, overlay
from core.schema import gather
from dashboard.models import LoadedModels
from dashboard.question import Outcome, Question, Step
from dashboard.storage import Storage
from dashboard.studies import Bench, find_study, rest_of, whole_run

logger = logging.getLogger(__name__)

THUMBNAIL = 160
"""Longer side of a thumbnail in pixels."""


def compute(
    question: Question, on_progress: Callable[[Progress | Step], None], *, storage: Storage, models: LoadedModels
) -> Outcome:
    """Computes what of a question is not stored yet, its combined map included, and keeps the result.

    Args:
        on_progress: hears of every token and sample; `Cancelled` raised from it stops the run, and
            samples done by then are kept as a run of so many.

    Returns:
        The result; where it could not be stored, it says so and is still complete.

    Raises:
        ExplainError: as `core.Explainer.run`.
        Cancelled: the run was stopped before its first sample.
    """
    if question.study:
        return _study(question, on_progress, storage=storage, models=models)
    request, started = question.request, time.perf_counter()
    wanted = whole_run(request)
    stored = [storage.results.get_part(each) for each in wanted]
    known = next((part for part in stored if part is not None), None)
    answer = known.answer if known is not None else storage.results.get_answer(request)
    # A part with another answer, or with other probabilities of the same one, cannot stand beside the first.
    stored = [part if part is not None and part.answer == answer else None for part in stored]
    rest = [rest_of(each, part) for each, part in zip(wanted, stored, strict=True)]
    missing = [each for each in rest if each is not None]
    if not missing:
        return keep(question, gather(stored), storage, seconds=0.0)
    latest: tuple[ExplainResult, ...] = ()

    def report(progress: Progress) -> None:
        nonlocal latest
        latest = progress.partial or latest
        on_progress(progress)

    explainer = models.get(question.card)
    try:
        computed = explainer.run(question.chosen.picture, missing, answer=answer, on_progress=report)
    except Cancelled:
        if not latest or request.noise_std == 0 or latest[0].request.method != request.method:
            raise
        parts = [replace(part, request=replace(part.request, num_samples=part.num_samples)) for part in latest]
        seconds = time.perf_counter() - started
        return keep(question, gather(parts), storage, seconds=seconds, samples=parts[0].num_samples, stopped=True)
    seconds = time.perf_counter() - started
    fresh = dict(zip(missing, computed, strict=True))
    results = [
        assemble(each, filter(None, (part, fresh.get(lacking))))
        for each, part, lacking in zip(wanted, stored, rest, strict=True)
    ]
    return keep(question, gather(results), storage, seconds=seconds, samples=computed[0].num_samples)


def _study(
    question: Question, on_progress: Callable[[Progress | Step], None], *, storage: Storage, models: LoadedModels
) -> Outcome:
    """Computes what a study lacks and stores it; a failure to store becomes a notice."""
    study = find_study(question.study)
    bench = Bench(
        run=question.run,
        picture=question.chosen.picture,
        results=storage.results,
        explainer=lambda: models.get(question.card),
        on_progress=on_progress,
    )
    findings = study.compute(bench)
    try:
        study.save(findings, question.run, storage.results)
    except StoreError as error:
        return _unkept(Outcome(question.run, findings=findings), error)
    return Outcome(question.run, findings=findings)


def keep(
    question: Question,
    result: ExplainResult,
    storage: Storage,
    *,
    seconds: float,
    samples: int = 0,
    stopped: bool = False,
) -> Outcome:
    """Stores a result, its picture and its line in the history; a failure becomes a notice.

    Args:
        seconds, samples: what was computed for it, and in what time.
    """
    try:
        storage.results.put(result)
        storage.pictures.put(result.request.image, question.chosen.data)
        storage.runs.record(_row(question, result, seconds, samples))
    except StoreError as error:
        return _unkept(Outcome(result, stopped=stopped), error)
    return Outcome(result, stopped=stopped)


def _unkept(outcome: Outcome, error: StoreError) -> Outcome:
    logger.error("A result could not be kept: %s", error)
    return replace(outcome, notices=(f"This result is shown but was not kept. {error}",), kept=False)


def headline(result: ExplainResult) -> np.ndarray:
    """The map that stands for a whole run: its only one, or the combined one, or the best that there is."""
    return result.combined if result.layers and COMBINED in result.companions else result.at(result.recommended_layer)


def _row(question: Question, result: ExplainResult, seconds: float, samples: int) -> Run:
    now, request = time.time(), result.request
    return Run(
        run_id=run_id(request),
        created=now,
        updated=now,
        image=request.image,
        picture_name=question.chosen.name,
        prompt=request.prompt,
        answer=result.answer.text,
        model_name=question.card.name,
        request=request.to_dict(),
        method=request.method,
        num_samples=request.num_samples,
        noise_std=request.noise_std,
        target=request.target.describe(),
        duration=seconds,
        computed_samples=samples,
        thumbnail=thumbnail(question, result),
    )


def thumbnail(question: Question, result: ExplainResult) -> bytes:
    """A small WEBP of the overlay of the combined map."""
    small = fit(question.chosen.preview, THUMBNAIL)
    picture = overlay(small, headline(result))
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "WEBP", quality=80)
    return data.getvalue()
