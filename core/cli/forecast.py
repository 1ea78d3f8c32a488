"""What a run will take, said before it begins."""

from collections.abc import Sequence
from typing import Any

from core.devices import memory_of
from core.memory import forecast
from core.memory.device_rate import rate_of
from core.models.checkpoints import ModelCard
from core.models.visual_token_count import OFF, cell_side, seen_sizes
from core.schema import ExplainRequest


def before_loading(
    card: ModelCard, sizes: Sequence[tuple[int, int]], request: ExplainRequest
) -> forecast.Forecast | None:
    """Says how many visual tokens there are, what that does to the map, and what memory the run takes.

    Args:
        sizes: (width, height) of the pictures in pixels; of a video, of its frames alone.

    Returns:
        None, and says nothing, where the model's files do not tell.
    """
    expected = forecast.forecast(card, sizes, request)
    if expected is None:
        return None
    seen = seen_sizes(sizes, card.folder, request.max_pixels, request.frames)
    print(f"Visual tokens: {expected.visual:,}{'' if seen is None else _seen(card, sizes, seen, request)}")
    free, total = memory_of(card.device)
    least, most = (f"{each / 2**30:.1f}" for each in (expected.least, expected.peak))
    print(
        f"Memory: {least} to {most} GB, by how many noise samples go at once, predicted from the model's size; "
        f"{free / 2**30:.1f} of {total / 2**30:.1f} GB are free."
    )
    return expected


def after_loading(explainer: Any, expected: forecast.Forecast | None) -> None:
    """Measures the device, and says how long the run takes; nothing where that is not counted.

    Args:
        explainer: a `core.Explainer`.
        expected: what `before_loading` returned.
    """
    if expected is None or not expected.counted:
        return
    rate = rate_of(explainer)
    seconds = expected.answer_seconds(rate, expected.longest) + expected.samples * expected.sample_seconds(rate)
    words = f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
    print(f"Time: up to about {words}, counted from the model's size and this device's speed.", flush=True)


def _seen(
    card: ModelCard, sizes: Sequence[tuple[int, int]], seen: Sequence[tuple[int, int]], request: ExplainRequest
) -> str:
    (width, height), side = seen[0], cell_side(card.folder, request.part)
    where = "each frame" if request.is_video else "the picture" if len(seen) == 1 else "the first picture"
    words = f". The model sees {where} at {width:,} x {height:,} pixels; a cell of the map is {side} x {side} of these."
    full = seen_sizes(sizes, card.folder, frames=request.frames)
    return f"{words} --max_pixels {OFF} gives full resolution." if request.max_pixels and full != seen else words
