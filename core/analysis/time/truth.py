"""A video's map against a truth that is known: the object's cells in each time step, and how much of the heat they get.

heat and cells are [time, grid_h, grid_w]. A blank map points as blind choice does, and has no energy anywhere.
"""

from collections.abc import Sequence

import numpy as np

from core.analysis.objects import cells_of
from core.errors import InputError
from core.schema.time_steps import TimeStep

_ROUNDING = 1e-6
"""Seconds by which a frame may seem to stand before the step that begins with it."""


def cells_over_time(mask: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """The cells that an object covers in each time step, bool [time, grid_h, grid_w]; see `objects.cells_of`.

    Args:
        mask: bool [time, height, width], its pixels; see `steps_of_frames` where they are known by frame.
        grid: (rows, columns).

    Raises:
        InputError: the mask has no axis of time.
    """
    if not isinstance(mask, np.ndarray) or mask.ndim != 3 or not mask.size:
        raise InputError("The truth of a video is a mask [time, height, width] of true and false.")
    return np.stack([cells_of(each, grid) for each in mask])


def steps_of_frames(mask: np.ndarray, times: np.ndarray, steps: Sequence[TimeStep]) -> np.ndarray:
    """An object's pixels in each time step, bool [time, height, width]: wherever it is in any frame of the step.

    Args:
        mask: bool [frames, height, width].
        times: of the frames in seconds, ascending.

    Raises:
        InputError: there are not as many times as frames, or no step at all.
    """
    if len(mask) != len(times) or not len(steps):
        raise InputError(f"{len(mask)} frames at {len(times)} times cannot be put into {len(steps)} time steps.")
    starts = np.array([step.start for step in steps]) - _ROUNDING
    at = np.clip(np.searchsorted(starts, times, side="right") - 1, 0, len(steps) - 1)
    found = np.zeros((len(steps), *mask.shape[1:]), bool)
    for step, each in zip(at, mask, strict=True):
        found[step] |= each
    return found


def pointing_over_time(heat: np.ndarray, cells: np.ndarray) -> float:
    """Whether the hottest cell lies on the object, at the right time in the right place: 1 or 0.

    Of several hottest cells, the share that does: a blank map scores chance.
    """
    _check(heat, cells)
    return float(cells[heat == heat.max()].mean())


def energy_over_time(heat: np.ndarray, cells: np.ndarray) -> float:
    """The share of the heat that lies on the object in its steps, in [0, 1]; 0 of a blank map."""
    _check(heat, cells)
    return _share(heat, cells)


def right_time(heat: np.ndarray, cells: np.ndarray) -> float:
    """The share of the heat in the steps in which the object is there, wherever in the picture; 0 of a blank map."""
    _check(heat, cells)
    return _share(heat, np.broadcast_to(cells.any((1, 2), keepdims=True), cells.shape))


def _share(heat: np.ndarray, where: np.ndarray) -> float:
    top = float(heat.max())
    if not top > 0:
        return 0.0
    scaled = np.clip(np.asarray(heat, np.float64) / top, 0, None)
    return float(min(scaled[where].sum() / scaled.sum(), 1))


def _check(heat: np.ndarray, cells: np.ndarray) -> None:
    if heat.shape != cells.shape or heat.ndim != 3 or cells.dtype != bool:
        raise InputError(f"A map {heat.shape} and a truth {cells.shape} are not of the same steps and cells.")
