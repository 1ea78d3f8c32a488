"""What one job does: compute what is missing, keep it, and write it into the history."""

import io
import logging
import time
from collections.abc import Callable
from dataclasses import replace

from PIL import Image

from cache import Run, StoreError, assemble, run_id
from core import Cancelled, ExplainResult, Progress
from core.render import fit, overlay
from dashboard.models import LoadedModels
from dashboard.question import Outcome, Question
from dashboard.storage import Storage

logger = logging.getLogger(__name__)

THUMBNAIL = 160
"""Longer side of a thumbnail in pixels."""


def compute(
    question: Question, on_progress: Callable[[Progress], None], *, storage: Storage, models: LoadedModels
) -> Outcome:
    """Computes the layers of a question that are not stored yet, and keeps the result.

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
    stored = storage.results.get_part(request)
    missing = tuple(layer for layer in request.layers if stored is None or layer not in stored.layers)
    if stored is not None and not missing:
        return keep(question, stored, storage, seconds=0.0)
    answer = stored.answer if stored is not None else storage.results.get_answer(request)
    latest: ExplainResult | None = None

    def report(progress: Progress) -> None:
        nonlocal latest
        latest = progress.partial or latest
        on_progress(progress)

    explainer = models.get(question.card)
    try:
        computed = explainer.run(
            question.chosen.picture, request.for_layers(missing), answer=answer, on_progress=report
        )
    except Cancelled:
        if latest is None or request.noise_std == 0:
            raise
        part = replace(latest, request=replace(latest.request, num_samples=latest.num_samples))
        return keep(question, part, storage, seconds=time.perf_counter() - started, stopped=True)
    result = computed if stored is None else assemble(request, [stored, computed])
    return keep(question, result, storage, seconds=time.perf_counter() - started)


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


def middle_layer(result: ExplainResult) -> int:
    """The layer shown first: of those there are, the one nearest to half the model's depth."""
    return min(result.layers, key=lambda layer: abs(layer - (result.total_layers - 1) / 2))


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
    """A small WEBP of the overlay at the middle layer."""
    small = fit(question.chosen.preview, THUMBNAIL)
    picture = overlay(small, result.at(middle_layer(result)))
    data = io.BytesIO()
    Image.fromarray(picture).save(data, "WEBP", quality=80)
    return data.getvalue()
