"""The frames over which a video's maps are drawn: one for each of its time steps."""

import math
from collections.abc import Sequence

import numpy as np

from core import ExplainResult
from core.rendering.overlay import fit
from core.rendering.step_sheet import frame_numbers
from core.schema.time_steps import TimeStep
from dashboard.jobs.pictures import PREVIEW
from dashboard.jobs.videos import ChosenVideo
from dashboard.memo import memoised

MOST_PIXELS = 16_000_000
"""Of all frames of one viewer together, so that a browser can hold them decoded."""


def frames_of_steps(chosen: ChosenVideo, result: ExplainResult) -> np.ndarray:
    """The frame with which each of a result's steps begins, uint8 [steps, height, width, 3], as large as pages need.

    Args:
        chosen: the video.
    """
    return memoised(chosen, ("frames of steps", result.steps), lambda: _frames(chosen, result.steps))


def longest_side(size: tuple[int, int], count: int) -> int:
    """How long the longer side of so many frames of (width, height) may be."""
    scale = math.sqrt(MOST_PIXELS / (count * size[0] * size[1]))
    return max(1, min(PREVIEW, math.floor(scale * max(size))))


def _frames(chosen: ChosenVideo, steps: Sequence[TimeStep]) -> np.ndarray:
    video = chosen.video
    side = longest_side(video.size, len(steps))
    return np.stack([fit(video.frames[number], side) for number in frame_numbers(video.times, steps)])
