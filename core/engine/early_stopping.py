"""Whether more noise samples would still change a map: told from its standard error, while samples come in.

A map is settled when a repeat of the run with as many other samples would rank the cells the same way,
up to `RELIABLE` in Spearman's rank correlation. The repeat is not computed but drawn: two independent means
differ by sqrt(2) standard errors, cell by cell, taken as normal and as independent between cells.
"""

import numpy as np

from core.heatmap import rank_correlation
from core.schema import ExplainResult

RELIABLE = 0.99
"""Rank correlation with a repeat from which on a map counts as settled."""

FEWEST = 4
"""Samples before which nothing is said: a standard error of two or three is itself mostly noise."""

_DRAWS = 8


def agreement(mean: np.ndarray, stderr: np.ndarray, seed: int = 0) -> float:
    """The rank correlation to be expected between a map and a repeat of it.

    Args:
        mean: heat [grid_h, grid_w].
        stderr: its standard error, same shape.
        seed: of the draws.

    Returns:
        In [-1, 1], the mean over eight draws; 0 for a map without any order.
    """
    generator = np.random.default_rng(seed)
    repeats = mean + np.sqrt(2) * stderr * generator.standard_normal((_DRAWS, *mean.shape))
    return float(np.mean([rank_correlation(mean, repeat) for repeat in repeats]))


def is_settled(results: tuple[ExplainResult, ...] | list[ExplainResult]) -> bool:
    """Whether the ranking of cells would stay as it is with more samples, in most maps of a run.

    Shallow layers of a decoder may never settle, and nobody waits for them: what counts is the median over
    each result's maps, and the combined map, where there is one, for itself.

    Args:
        results: one for each request of a run, as in `core.Progress.partial`; () for none yet.
    """
    return bool(results) and all(_result_settled(result) for result in results)


def _result_settled(result: ExplainResult) -> bool:
    if result.request.noise_std == 0:
        return True
    if result.num_samples < FEWEST:
        return False
    pairs = zip(result.heat, result.stderr, strict=True)
    return float(np.median([agreement(mean, error) for mean, error in pairs])) >= RELIABLE
