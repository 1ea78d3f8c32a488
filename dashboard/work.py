"""What one job does: compute what is missing, keep it, and write it into the history."""

import io
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from cache import Run, StoreError, assemble, run_id
from core import Cancelled, ExplainRequest, ExplainResult, InputError, Progress
from core.methods import COMBINED
from core.render import fit, overlay
from core.schema import gather
from dashboard.models import LoadedModels
from dashboard.question import Outcome, Question
from dashboard.storage import Storage
from dashboard.studies import STUDIES, whole_run

logger = logging.getLogger(__name__)

THUMBNAIL = 160
"""Longer side of a thumbnail in pixels."""


def compute(
    question: Question, on_progress: Callable[[Progress], None], *, storage: Storage, models: LoadedModels
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
    request, started = question.request, time.perf_counter()
    if question.study:
        return _study(question, on_progress, storage=storage, models=models)
    wanted = whole_run(request)
    stored = [storage.results.get_part(each) for each in wanted]
    missing = _missing(wanted, stored)
    if not missing:
        return keep(question, gather(stored), storage, seconds=0.0)
    known = next((part for part in stored if part is not None), None)
    answer = known.answer if known is not None else storage.results.get_answer(request)
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
        return keep(question, gather(parts), storage, seconds=time.perf_counter() - started, stopped=True)
    results = []
    for each, part in zip(wanted, stored, strict=True):
        found = [part, *(new for new in computed if new.request.method == each.method)]
        results.append(assemble(each, [one for one in found if one is not None]))
    return keep(question, gather(results), storage, seconds=time.perf_counter() - started)


def _study(
    question: Question, on_progress: Callable[[Progress], None], *, storage: Storage, models: LoadedModels
) -> Outcome:
    """Computes the maps of a study that are not stored yet; the outcome is the run that it belongs to."""
    result = storage.results.get_all(whole_run(question.request))
    if result is None:
        raise InputError("The run's own maps are no longer stored. Run it again, then ask for this.")
    wanted = [request for _, request in STUDIES[question.study].requests(result)]
    missing = _missing(wanted, [storage.results.get_part(each) for each in wanted])
    if missing:
        explainer = models.get(question.card)
        for computed in explainer.run(question.chosen.picture, missing, answer=result.answer, on_progress=on_progress):
            storage.results.put(computed)
    return Outcome(result)


def _missing(wanted: Sequence[ExplainRequest], stored: Sequence[ExplainResult | None]) -> list[ExplainRequest]:
    """What remains to be computed of each request, if anything."""
    missing = []
    for request, part in zip(wanted, stored, strict=True):
        if part is None:
            missing.append(request)
        elif part.request.maps != request.maps:
            missing.append(request.for_layers(tuple(layer for layer in request.layers if layer not in part.layers)))
    return missing


def keep(
    question: Question, result: ExplainResult, storage: Storage, *, seconds: float, stopped: bool = False
) -> Outcome:
    """Stores a result, its picture and its line in the history; a failure becomes a notice."""
    try:
        storage.results.put(result)
        storage.pictures.put(result.request.image, question.chosen.data)
        storage.runs.record(_row(question, result, seconds))
    except StoreError as error:
        logger.error("A result could not be kept: %s", error)
        notice = f"This result is shown but was not kept. {error}"
        return Outcome(result, stopped=stopped, notices=(notice,), kept=False)
    return Outcome(result, stopped=stopped)


def headline(result: ExplainResult) -> np.ndarray:
    """The map that stands for a whole run: the combined one, or the best that a run without it has."""
    if result.request.method == COMBINED or COMBINED in result.companions:
        return result.combined
    return result.at(result.recommended_layer)


def _row(question: Question, result: ExplainResult, seconds: float) -> Run:
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
        duration=seconds,
        thumbnail=thumbnail(question, result),
    )


def thumbnail(question: Question, result: ExplainResult) -> bytes:
    """A small WEBP of the overlay of the combined map."""
    small = fit(question.chosen.preview, THUMBNAIL)
    picture = overlay(small, headline(result))
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "WEBP", quality=80)
    return data.getvalue()
