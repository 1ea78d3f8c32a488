"""How sure a mean over scenes is: confidence intervals that assume no normal distribution."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

_AT_ONCE = 100


@dataclass(frozen=True, eq=False)
class Interval:
    """A mean with its confidence interval.

    Attributes:
        mean: float64 scalar, or an array of the values' trailing axes.
        low: lower end, same shape.
        high: upper end, same shape.
        count: scenes behind it.
    """

    mean: np.ndarray | float
    low: np.ndarray | float
    high: np.ndarray | float
    count: int


def mean_interval(values: np.ndarray, level: float = 0.95, seed: int = 0, resamples: int = 2000) -> Interval:
    """Mean over scenes with its percentile bootstrap interval (Efron 1979).

    Scenes are drawn with replacement, whole: figures of one scene (its layers, say) stay together. With
    few scenes the interval is too narrow; with one it is the mean itself.

    Args:
        values: [scenes, ...], numbers or bools.
        level: share of such intervals that should hold the true mean, in (0, 1).
        seed: of the resampling; equal arguments give equal intervals.
        resamples: how often scenes are drawn.

    Raises:
        ValueError: there is no scene, or a level outside (0, 1).
    """
    values = _scenes(values, level)
    mean = values.mean(0)
    # Around the mean, lest rounding widen the interval of scenes that are nearly equal.
    shifts = _resampled(values - mean, seed, resamples)
    low, high = mean + np.quantile(shifts, [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Interval(mean, low, high, len(values))


def statistic_interval(
    values: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    level: float = 0.95,
    seed: int = 0,
    resamples: int = 2000,
) -> Interval:
    """As `mean_interval`, for a function of the means.

    Args:
        statistic: means [..., as the values of one scene] -> figures [..., of another shape].
        The rest: as `mean_interval`.

    Raises:
        ValueError: as `mean_interval`.
    """
    values = _scenes(values, level)
    means = _resampled(values, seed, resamples)
    low, high = np.quantile(statistic(means), [(1 - level) / 2, (1 + level) / 2], axis=0)
    return Interval(statistic(values.mean(0)), low, high, len(values))


def _scenes(values: np.ndarray, level: float) -> np.ndarray:
    values = np.asarray(values, np.float64)
    if values.ndim == 0 or len(values) == 0:
        raise ValueError("a mean needs at least one scene")
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie between 0 and 1, as 0.95 does")
    return values


def _resampled(values: np.ndarray, seed: int, resamples: int) -> np.ndarray:
    """Means of scenes drawn with replacement, float64 [resamples, ...].

    How often each scene is drawn is all that a mean needs, however many its figures. Some resamples at a time: all of
    them would take 160 MB for 5,000 scenes.
    """
    generator, count = np.random.default_rng(seed), len(values)
    sizes = (min(_AT_ONCE, resamples - done) for done in range(0, resamples, _AT_ONCE))
    drawn = (generator.multinomial(count, np.full(count, 1 / count), size=size) for size in sizes)
    flat = values.reshape(count, -1)
    return np.concatenate([each @ flat / count for each in drawn]).reshape(resamples, *values.shape[1:])
