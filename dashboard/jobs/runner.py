"""What one job does: compute what is missing, keep it, and write it into the history."""

import io
import logging
import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
from PIL import Image

from cache import Asker, Change, Run, StoreError, look_up, run_id
from core import ExplainResult, Picture, Progress
from core.rendering.overlay import fit, overlay
from core.schema import gather
from core.schema.methods import COMBINED
from dashboard.jobs.backends import Models
from dashboard.jobs.missing import Enough, Stopped, fill, keep_parts, largest_run, parts_of
from dashboard.jobs.question import ChosenPicture, Outcome, Question, Step, joint_name
from dashboard.jobs.studies.registry import Bench, find_study, whole_run
from dashboard.storage.counting import count_stored
from dashboard.storage.data_folder import Storage

logger = logging.getLogger(__name__)

THUMBNAIL = 160
"""Longer side of a thumbnail in pixels."""

KEEP_SECONDS = 5.0
"""What a run has computed is stored so often: a server that is killed loses no more."""


def compute(
    question: Question, on_progress: Callable[[Progress | Step], None], *, storage: Storage, models: Models
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
    on_progress = _keeping(on_progress, storage)
    if question.study:
        return _study(question, on_progress, storage=storage, models=models)
    wanted = whole_run(question.request)
    holding = look_up(storage.results, wanted)
    if not holding.missing:
        return keep(question, gather(holding.complete([])), storage, seconds=0.0)
    explainer = models.get(question.card)
    try:
        computed = fill(holding, _pixels(question), explainer, on_progress)
    except Stopped as stop:
        keep_parts(stop.parts, storage.results)
        fewer = largest_run(wanted, stop.parts, storage.results)
        if fewer is None:
            raise
        # A run of more samples than it came to was there before.
        samples = stop.computed if fewer[0].num_samples == stop.done else 0
        seconds, peak = _seconds(stop.parts), _peak(stop.parts)
        outcome = keep(question, gather(fewer), storage, seconds=seconds, samples=samples, peak_bytes=peak)
        enough = isinstance(stop.__cause__, Enough)
        return replace(outcome, stopped=not enough, settled=enough)
    result = gather(holding.complete(computed))
    seconds, samples, peak = _seconds(computed), holding.missing_samples, _peak(computed)
    return keep(question, result, storage, seconds=seconds, samples=samples, peak_bytes=peak)


def _seconds(parts: Sequence[ExplainResult]) -> float:
    """What computing took. Loading the model is no part of it: a worker may have done that only now."""
    return max(sum(part.timings.values()) for part in parts)


def _peak(parts: Sequence[ExplainResult]) -> int:
    return max(part.peak_bytes for part in parts)


def _keeping(on_progress: Callable[[Progress | Step], None], storage: Storage) -> Callable[[Progress | Step], None]:
    """`on_progress`, which now and then also stores what there is so far."""
    at, kept = time.monotonic(), None

    def report(progress: Progress | Step) -> None:
        nonlocal at, kept
        is_part = isinstance(progress, Progress) and progress.begun < progress.done < progress.total
        # While a chunk goes on the same is told again and again, to hear whether to stop: it is kept once.
        if is_part and progress is not kept and time.monotonic() - at > KEEP_SECONDS:
            keep_parts(parts_of(progress), storage.results)
            at, kept = time.monotonic(), progress
        on_progress(progress)

    return report


def _study(
    question: Question, on_progress: Callable[[Progress | Step], None], *, storage: Storage, models: Models
) -> Outcome:
    """Computes what a study lacks and stores it; a failure to store becomes a notice."""
    study = find_study(question.study)
    bench = Bench(
        run=question.run,
        pictures=_pixels(question),
        results=storage.results,
        explainer=lambda: models.get(question.card),
        on_progress=on_progress,
    )
    try:
        findings = study.compute(bench)
    except Stopped as stop:
        keep_parts(stop.parts, storage.results)
        raise
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
    peak_bytes: int = 0,
) -> Outcome:
    """Stores a result, its pictures and its line in the history; a failure becomes a notice.

    Args:
        seconds, samples, peak_bytes: what was computed for it, in what time, and in how much memory.
    """
    try:
        storage.results.put(result)
        for image, chosen in zip(result.request.all_images, question.all_pictures, strict=True):
            storage.pictures.put(image, chosen.data)
        row = replace(_row(question, result), duration=seconds, computed_samples=samples, peak_bytes=peak_bytes)
        for asker in dict.fromkeys([*storage.runs.askers(question.id), question.asker]):
            _list(row, asker, storage, computed=samples > 0)
        # Whoever waits for more samples than it came to goes on waiting.
        if question.id == row.run_id:
            storage.runs.forget_askers(question.id)
    except StoreError as error:
        return _unkept(Outcome(result), error)
    with suppress(StoreError):  # the list of runs counts again
        count_stored(storage)
    return Outcome(result)


def _list(row: Run, asker: Asker, storage: Storage, *, computed: bool) -> None:
    """Puts a run into the history of whoever asked for it."""
    known = storage.runs.get(row.run_id, asker.private_to)
    if computed or known is None or known.private_to != asker.private_to:
        storage.runs.record(replace(row, who=asker.name, private_to=asker.private_to))
    # What was only read must not take the place of what it once took to compute.
    elif known.deleted is not None:
        storage.runs.write([known.line], Change(trash=False))  # somebody wants it after all


def _unkept(outcome: Outcome, error: StoreError) -> Outcome:
    logger.error("A result could not be kept: %s", error)
    return replace(outcome, notices=(f"This result is shown but was not kept. {error}",), kept=False)


def headline(result: ExplainResult) -> np.ndarray:
    """The map that stands for a whole run: its only one, or the combined one, or the best that there is."""
    return result.combined if result.layers and COMBINED in result.companions else result.at(result.recommended_layer)


def _row(question: Question, result: ExplainResult) -> Run:
    now, request = time.time(), result.request
    return Run(
        run_id=run_id(request),
        created=now,
        updated=now,
        image=request.image,
        picture_name=joint_name([chosen.name for chosen in question.all_pictures]),
        picture_names=tuple(chosen.name for chosen in question.pictures),
        prompt=request.prompt,
        answer=result.answer.text,
        model_name=question.card.name,
        request=request.to_dict(),
        method=request.method,
        num_samples=request.num_samples,
        noise_std=request.noise_std,
        target=request.target.describe(),
        duration=0.0,
        thumbnail=thumbnail(question.all_pictures, result),
    )


def png(pixels: np.ndarray) -> bytes:
    """The bytes of a PNG file."""
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=3)
    return data.getvalue()


def thumbnail(pictures: Sequence[ChosenPicture], result: ExplainResult) -> bytes:
    """A small WEBP of the overlay of the combined map; of several pictures side by side, row by row."""
    columns = math.ceil(math.sqrt(len(pictures)))
    side, each = THUMBNAIL // columns, result.pictures or (result,)
    tiles = [overlay(fit(chosen.preview, side), headline(part)) for chosen, part in zip(pictures, each, strict=True)]
    rows = [tiles[first : first + columns] for first in range(0, len(tiles), columns)]
    heights = [max(tile.shape[0] for tile in row) for row in rows]
    width = max(sum(tile.shape[1] for tile in row) for row in rows)
    page = Image.new("RGBA", (width, sum(heights)))  # what no picture covers is transparent
    for number, row in enumerate(rows):
        left = 0
        for tile in row:
            page.paste(Image.fromarray(tile), (left, sum(heights[:number])))
            left += tile.shape[1]
    data = io.BytesIO()
    (page if len(tiles) > 1 else page.convert("RGB")).save(data, "WEBP", quality=80)
    return data.getvalue()


def _pixels(question: Question) -> tuple[Picture, ...]:
    return tuple(chosen.picture for chosen in question.all_pictures)
