"""How a video's heat is shared out over its time steps, with standard errors.

A map's heat is summed over the picture in each step, A_t, and A = sum of A_t. Whatever is a mean over that heat of a
number w_t for each step, m = sum of A_t w_t / A, has by the delta method the variance

    sum over t of (w_t - m)^2 V_t / A^2,    since dm / dA_t = (w_t - m) / A,

where V_t is the variance of A_t. The share of step k is the mean of w = 1 in step k and 0 elsewhere, hence

    ((1 - S_k)^2 V_k + S_k^2 (sum of V_t over the others)) / A^2;

the share within a span of seconds and the mean time are means of other w. As in `core.analysis.standard_errors`, V_t is
the sum of the cells' own variances: cells that share noise move together, but only each one's own error is stored. To
first order, so for errors that are small beside the heat of the whole map.

Everything takes maps [..., time, grid_h, grid_w]. A blank map is treated as even (see `core.heatmap`).
"""

from collections.abc import Sequence

import numpy as np

from core.errors import InputError, shown
from core.heatmap import distribution
from core.schema.time_steps import TimeStep, check_steps


def time_shares(heat: np.ndarray) -> np.ndarray:
    """The share of a map's heat in each of its time steps, float64 [..., time]; sums to 1, of a blank map 1 / steps.

    Raises:
        InputError: the heat has no axis of time.
    """
    if not isinstance(heat, np.ndarray) or heat.ndim < 3 or not heat.size:
        raise InputError("Heat over time is an array [..., time, grid_h, grid_w]: that of a video, not of a picture.")
    return distribution(heat, axes=3).reshape(*heat.shape[:-2], -1).sum(-1)


def share_errors(heat: np.ndarray, stderr: np.ndarray) -> np.ndarray:
    """The standard error of `time_shares`, float64 [..., time].

    Args:
        heat, stderr: of the same shape.

    Returns:
        0 where there was no noise; NaN where the heat's error is not known, or there is no heat but an error.
    """
    weights = np.eye(heat.shape[-3])
    return np.stack([mean_over_heat(heat, stderr, each)[1] for each in weights], -1)


def mean_over_heat(heat: np.ndarray, stderr: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(mean over a map's heat of a number for each time step, its standard error), float64 [...] each.

    Args:
        heat, stderr: of the same shape.
        weights: [time].

    Raises:
        InputError: the heat has no axis of time.
    """
    shares = time_shares(heat)
    means = shares @ weights
    # Over the hottest cell first, so that no square leaves the range of floats.
    top = np.clip(heat, 0, None).max((-3, -2, -1), keepdims=True).astype(np.float64)
    scale = np.where(top > 0, top, 1)
    variances = ((np.asarray(stderr, np.float64) / scale) ** 2).sum((-2, -1))
    total = (np.clip(heat, 0, None) / scale).sum((-3, -2, -1))
    spread = (((weights - means[..., None]) ** 2) * variances).sum(-1)
    known = np.isfinite(variances).all(-1)
    noisy = ~(variances == 0).all(-1)
    errors = np.divide(np.sqrt(spread), total, out=np.full(means.shape, np.nan), where=known & (total > 0))
    return means, np.where(noisy, errors, 0.0)


def share_in_span(
    heat: np.ndarray, stderr: np.ndarray, steps: Sequence[TimeStep], start: float, end: float
) -> tuple[np.ndarray, np.ndarray]:
    """(share of a map's heat between two times, its standard error), float64 [...] each.

    A step counts by the share of its seconds that lies in the span; one that takes no time, if it begins there.

    Args:
        start, end: seconds, the end not included.

    Raises:
        InputError: the span ends before it begins, or the steps are not those of the heat.
    """
    if not (np.isfinite((start, end)).all() and start < end):
        raise InputError(f"A span of time begins before it ends; {shown(start)} to {shown(end)} s does not.")
    return mean_over_heat(heat, stderr, _inside(check_steps(steps, heat.shape[-3]), start, end))


def _inside(steps: Sequence[TimeStep], start: float, end: float) -> np.ndarray:
    def share(step: TimeStep) -> float:
        if step.end == step.start:
            return float(start <= step.start < end)
        return max(0.0, min(end, step.end) - max(start, step.start)) / (step.end - step.start)

    return np.array([share(step) for step in steps])
