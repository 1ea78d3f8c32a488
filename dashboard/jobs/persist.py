"""Keeps what a job brought: results, pictures, and each asker's record in the history."""

import io
import logging
import math
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from cache import Asker, Change, RunRecord, StoreError, run_id
from core import ExplainResult
from core.rendering.overlay import fit, overlay
from core.rendering.step_sheet import evenly, step_sheet
from dashboard.jobs.pictures import ChosenPicture, joint_name
from dashboard.jobs.question import Outcome, Question
from dashboard.jobs.stored_videos import store_source
from dashboard.storage.data_folder import Storage, count_a_few

logger = logging.getLogger(__name__)


THUMBNAIL = 160
"""Longer side of a thumbnail in pixels."""
MOST_STEPS = 4
"""Of a video that its thumbnail shows."""


def keep(
    question: Question,
    result: ExplainResult,
    storage: Storage,
    *,
    seconds: float,
    samples: int = 0,
    peak_bytes: int = 0,
) -> Outcome:
    """Stores a result, its pictures and its record in the history; a failure becomes a notice.

    Args:
        seconds, samples, peak_bytes: what was computed for it, in what time, and in how much memory.
    """
    try:
        storage.results.put(result)
        for chosen in question.all_pictures:
            store_source(chosen, storage)
        record = record_of(
            result,
            question.all_pictures,
            model_name=question.card.name,
            duration=seconds,
            computed_samples=samples,
            peak_bytes=peak_bytes,
        )
        for asker in dict.fromkeys([*storage.runs.askers.of(question.id), question.asker]):
            _record_for(record, asker, storage, computed=samples > 0)
        # Whoever waits for more samples than it came to goes on waiting.
        if question.id == record.run_id:
            storage.runs.askers.forget(question.id)
    except StoreError as error:
        return not_kept(Outcome(result), error)
    with suppress(StoreError):  # the list of runs counts again
        count_a_few(storage)
    return Outcome(result)


def _record_for(record: RunRecord, asker: Asker, storage: Storage, *, computed: bool) -> None:
    """Puts a run into the history of whoever asked for it."""
    known = storage.runs.get(record.run_id, asker.private_to)
    if computed or known is None or known.private_to != asker.private_to:
        storage.runs.record(replace(record, who=asker.name, private_to=asker.private_to))
    # What was only read must not take the place of what it once took to compute.
    elif known.deleted is not None:
        storage.runs.write([known.record_id], Change(trash=False))  # somebody wants it after all


def not_kept(outcome: Outcome, error: StoreError) -> Outcome:
    """The outcome with a notice that it could not be stored."""
    logger.error("A result could not be kept: %s", error)
    return replace(outcome, notices=(f"This result is shown but was not kept. {error}",), kept=False)


def record_of(
    result: ExplainResult, pictures: Sequence[ChosenPicture], *, model_name: str, duration: float, **others: Any
) -> RunRecord:
    """A run's record in the history, as of now.

    Args:
        others: further fields of the record.
    """
    now, request, names = time.time(), result.request, tuple(chosen.name for chosen in pictures)
    return RunRecord(
        run_id=run_id(request),
        created=now,
        updated=now,
        image=request.image,
        picture_name=joint_name(names),
        picture_names=names if len(names) > 1 else (),
        prompt=request.prompt,
        answer=result.answer.text,
        model_name=model_name,
        request=request.to_dict(),
        method=request.method,
        num_samples=request.num_samples,
        noise_std=request.noise_std,
        target=request.target.describe(),
        duration=duration,
        thumbnail=thumbnail(pictures, result),
        video_seconds=pictures[0].duration if request.is_video else 0.0,
        steps=len(result.steps),
        **others,
    )


def thumbnail(pictures: Sequence[ChosenPicture], result: ExplainResult) -> bytes:
    """A small WEBP of the overlay of the map that was asked for.

    Of several pictures side by side, row by row; so are four steps of a video, from first to last.
    """
    if result.request.is_video:
        return _webp(Image.fromarray(_sheet(pictures[0], result)))
    columns = math.ceil(math.sqrt(len(pictures)))
    side, each = THUMBNAIL // columns, result.pictures or (result,)
    tiles = [overlay(fit(chosen.preview, side), part.headline) for chosen, part in zip(pictures, each, strict=True)]
    rows = [tiles[first : first + columns] for first in range(0, len(tiles), columns)]
    heights = [max(tile.shape[0] for tile in row) for row in rows]
    width = max(sum(tile.shape[1] for tile in row) for row in rows)
    page = Image.new("RGBA", (width, sum(heights)))  # what no picture covers is transparent
    for number, row in enumerate(rows):
        left = 0
        for tile in row:
            page.paste(Image.fromarray(tile), (left, sum(heights[:number])))
            left += tile.shape[1]
    return _webp(page if len(tiles) > 1 else page.convert("RGB"))


def _sheet(chosen: ChosenPicture, result: ExplainResult) -> np.ndarray:
    shown = evenly(len(result.steps), MOST_STEPS)
    steps, video = [result.steps[step] for step in shown], chosen.video
    return step_sheet(video.frames, video.times, steps, result.headline[shown], THUMBNAIL)


def _webp(page: Image.Image) -> bytes:
    data = io.BytesIO()
    page.save(data, "WEBP", quality=80)
    return data.getvalue()
