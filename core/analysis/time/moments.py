"""Where in time the heat of a video's map lies: its mean, spread and evenness, and its hottest cell.

Times are seconds of the video, a step standing at its middle. Everything takes maps [..., time, grid_h, grid_w].
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.analysis.time.shares import mean_over_heat, time_shares
from core.schema.time_steps import TimeStep, check_steps


@dataclass(frozen=True)
class Peak:
    """The hottest cell of a video's map.

    Attributes:
        step, row, column: which cell, each from 0.
        heat: of it, in the method's unit.
    """

    step: int
    row: int
    column: int
    heat: float


def middles(steps: Sequence[TimeStep], count: int) -> np.ndarray:
    """The steps' middles in seconds, float64 [time].

    Args:
        count: of the steps of a map.

    Raises:
        InputError: there are more steps or fewer.
    """
    return np.array([step.middle for step in check_steps(steps, count)])


def mean_time(heat: np.ndarray, stderr: np.ndarray, steps: Sequence[TimeStep]) -> tuple[np.ndarray, np.ndarray]:
    """(mean time of the heat in seconds, its standard error), float64 [...] each; of a blank map that of all steps.

    Raises:
        InputError: the steps are not those of the heat.
    """
    return mean_over_heat(heat, stderr, middles(steps, heat.shape[-3]))


def time_spread(heat: np.ndarray, steps: Sequence[TimeStep]) -> np.ndarray:
    """Root mean square distance of the heat from its mean time, in seconds, float64 [...]; 0 where it is in one step.

    Raises:
        InputError: the steps are not those of the heat.
    """
    shares, at = time_shares(heat), middles(steps, heat.shape[-3])
    means = (shares @ at)[..., None]
    return np.sqrt((shares * (at - means) ** 2).sum(-1))


def time_entropy(heat: np.ndarray) -> np.ndarray:
    """Entropy of the shares of the steps over its maximum, H(S) / log T, in [0, 1]; 1 is even, 0 all in one step.

    It says how concentrated the heat is in time, wherever in the picture it lies. One step: 0.
    """
    shares = time_shares(heat)
    if shares.shape[-1] == 1:
        return np.zeros(shares.shape[:-1])
    logs = np.log(shares, out=np.zeros_like(shares), where=shares > 0)
    return np.clip(-(shares * logs).sum(-1) / np.log(shares.shape[-1]), 0, 1)


def peak_cell(heat: np.ndarray) -> Peak | None:
    """The hottest cell of one map, the first of equal ones; None where the map is the same everywhere, or blank.

    Args:
        heat: [time, grid_h, grid_w].
    """
    if not heat.max() > max(heat.min(), 0):
        return None
    step, row, column = map(int, np.unravel_index(heat.argmax(), heat.shape))
    return Peak(step, row, column, float(heat[step, row, column]))
