"""A video's map as one picture: its time steps side by side, row by row, each over the frame with which it begins."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.rendering.overlay import fit, overlay
from core.schema import TimeStep

MOST_STEPS = 64
"""On one sheet; of more, as many evenly spaced ones."""


def step_sheet(
    frames: np.ndarray, times: np.ndarray, steps: Sequence[TimeStep], heat: np.ndarray, longest: int, **how: Any
) -> np.ndarray:
    """The sheet, uint8 [height, width, 3]; what is left of its last row is black.

    Args:
        frames: uint8 [frames, height, width, 3].
        times: of the frames, seconds.
        heat: [time, grid_h, grid_w], one for each of the steps; they share one scale, whose top is the hottest cell of
            all.
        longest: the longer side of the sheet in pixels, at most.
        how: further arguments of `core.rendering.overlay.overlay`.
    """
    shown = _evenly(len(steps), MOST_STEPS)
    columns = math.ceil(math.sqrt(len(shown)))
    numbers, side, top = frame_numbers(times, steps), max(1, longest // columns), float(heat.max())
    tiles = [overlay(fit(frames[numbers[step]], side), heat[step], maximum=top, **how) for step in shown]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[first : first + columns], axis=1) for first in range(0, len(tiles), columns)]
    return np.concatenate(rows)


def frame_numbers(times: np.ndarray, steps: Sequence[TimeStep]) -> list[int]:
    """Which of the sampled frames each step begins with.

    Args:
        times: of the frames, in seconds, ascending.
    """
    starts = np.array([step.start for step in steps])
    # A frame may stand a rounding error before the step that begins with it.
    return np.clip(np.searchsorted(times, starts - 1e-6), 0, len(times) - 1).tolist()


def _evenly(count: int, most: int) -> list[int]:
    return sorted({round(at) for at in np.linspace(0, count - 1, min(count, most))})
