"""A video's map as one picture: its time steps side by side, row by row, each over the frame with which it begins."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from core.rendering.overlay import fit, overlay, sheet
from core.schema import TimeStep

MOST_STEPS = 64
"""On one sheet; of more, as many evenly spaced ones."""
MOST_COLUMNS = 8
"""Likewise in a row of `step_rows`."""
TILE = 320
"""Width of one of its tiles in pixels."""


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
    shown = evenly(len(steps), MOST_STEPS)
    columns = math.ceil(math.sqrt(len(shown)))
    numbers, side, top = frame_numbers(times, steps), max(1, longest // columns), float(heat.max())
    tiles = [overlay(fit(frames[numbers[step]], side), heat[step], maximum=top, **how) for step in shown]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[first : first + columns], axis=1) for first in range(0, len(tiles), columns)]
    return np.concatenate(rows)


def step_rows(
    frames: np.ndarray,
    times: np.ndarray,
    steps: Sequence[TimeStep],
    maps: Mapping[str, np.ndarray],
    title: str = "",
    **how: Any,
) -> np.ndarray:
    """Several maps below each other, each with its steps side by side under captions, uint8 [height, width, 3].

    Of many steps `MOST_COLUMNS` are shown. Each map has a scale of its own, which its steps share.

    Args:
        frames, times: as of `step_sheet`.
        maps: what each is called in captions -> heat [time, grid_h, grid_w].
        how: as of `step_sheet`.
    """
    shown, numbers, tiles = evenly(len(steps), MOST_COLUMNS), frame_numbers(times, steps), []
    for name, heat in maps.items():
        top = float(heat.max())
        for step in shown:
            frame = frames[numbers[step]]
            small = fit(frame, round(TILE * max(frame.shape[:2]) / frame.shape[1]))
            caption = f"{name.replace('_', ' ').capitalize()}, {steps[step].start:.4g} s"
            tiles.append((caption, overlay(small, heat[step], maximum=top, **how)))
    return sheet(tiles, len(shown), title, TILE)


def frame_numbers(times: np.ndarray, steps: Sequence[TimeStep]) -> list[int]:
    """Which of the sampled frames each step begins with.

    Args:
        times: of the frames, in seconds, ascending.
    """
    starts = np.array([step.start for step in steps])
    # A frame may stand a rounding error before the step that begins with it.
    return np.clip(np.searchsorted(times, starts - 1e-6), 0, len(times) - 1).tolist()


def evenly(count: int, most: int) -> list[int]:
    """Numbers of at most `most` of `count` things, evenly spaced, the first and the last among them."""
    return sorted({round(at) for at in np.linspace(0, count - 1, min(count, most))})
