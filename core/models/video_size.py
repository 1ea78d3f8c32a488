"""At which size video processors bring the frames of a video, from their settings. No torch here.

Settings are those of a folder's files, under their names of today and of before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.models.configuration import mended
from core.models.dimensions import FRAMES
from core.models.resizing import resized_by_qwen, resized_with_frames

LONGEST_SHAPE = 200
"""Frames whose longer side is more than this many times the shorter one are refused, as by transformers."""


@dataclass(frozen=True)
class VideoRule:
    """How a family's video processor bounds the size of frames.

    Attributes:
        in_all: whether the pixel budget is that of all frames together, or of each.
        stamped: whether the time of each step is written into the prompt before it; then each step is read as a
            picture of its own.
        least, most: pixels, where a folder says nothing.
        cap: the setting `max_video_tokens`, where a folder says nothing.
    """

    in_all: bool
    stamped: bool
    least: int
    most: int
    cap: int


QWEN2 = VideoRule(in_all=False, stamped=False, least=128 * 28**2, most=768 * 28**2, cap=128_000)
QWEN3 = VideoRule(in_all=True, stamped=True, least=128 * 32**2, most=768 * 32**2, cap=768)
VIDEO_RULES = {
    "qwen2_vl": QWEN2,
    "qwen2_5_vl": QWEN2,
    "qwen3_vl": QWEN3,
    "qwen3_vl_moe": QWEN3,
    "qwen3_5": QWEN3,
    "qwen3_5_moe": QWEN3,
}
"""By `model_type`; models of other types see no video here."""


def steps_of(frames: int) -> int:
    """Time steps that a model makes of so many frames: two make one, and the last of an odd number is seen twice."""
    return -(-frames // FRAMES)


def fitted_frames(
    size: tuple[int, int], frames: int, rule: VideoRule, settings: Mapping[str, Any], side: int, budget: int | None
) -> tuple[int, int]:
    """(columns, rows) of visual tokens of each step.

    Args:
        size: (width, height) of each frame in pixels.
        settings: of the video processor.
        side: pixels on a visual token's side.
        budget: pixels of each frame; None for the model's own limits.

    Raises:
        ValueError: frames of this shape are not taken.
    """
    if max(size) > LONGEST_SHAPE * min(size):
        raise ValueError(f"frames of {size[0]} x {size[1]} pixels are too long and thin")
    own = {**settings, **dict(settings.get("size") or {})}
    least = settings.get("min_pixels") or own.get("shortest_edge") or own.get("min_pixels") or rule.least
    most = settings.get("max_pixels") or own.get("longest_edge") or own.get("max_pixels") or rule.most
    cap = settings.get("max_video_tokens") or rule.cap
    if budget is not None:
        most = budget * frames if rule.in_all else budget
        least = min(least, most)
    elif settings.get("cap_pixels_per_frame"):
        floor = int(least * 1.05)
        if rule.in_all:
            most = max(min(cap * side**2, most // frames), floor) * frames
        else:
            most = max(min(most, int(cap * side**2 * 0.9) * FRAMES // frames), floor)
    if rule.in_all:
        # An odd number of frames is made even before it is counted, where there is but one.
        return resized_with_frames(size, max(frames, FRAMES), most, least, side)
    return resized_by_qwen(size, most, least, side)


def video_settings(folder: Path) -> dict[str, Any]:
    """A folder's settings of its video processor, from the files in which transformers looks for them, in its order.

    Raises:
        OSError, ValueError: they cannot be read.
    """
    for name, part in (
        ("processor_config.json", "video_processor"),
        ("video_preprocessor_config.json", None),
        ("preprocessor_config.json", None),
        ("processor_config.json", "image_processor"),
    ):
        path = folder / name
        content = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        found = content.get(part) if part and isinstance(content, dict) else content
        if isinstance(found, dict) and found:
            return mended(found)
    return {}
