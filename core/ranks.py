"""Maps as orders of their cells: what is hotter than what, whatever the scale."""

import numpy as np


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks 1..n of `values` [n], float64; ties share the average of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation of two maps of one shape, in [-1, 1]; ties share their average rank.

    0 where a map is constant: it has no order that could agree.

    Raises:
        ValueError: the maps differ in shape.
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"maps of shapes {np.shape(a)} and {np.shape(b)} cannot be compared cell by cell")
    first, second = (ranks(np.asarray(heat).ravel()) - (np.size(heat) + 1) / 2 for heat in (a, b))
    scale = np.sqrt((first @ first) * (second @ second))
    return float(np.clip(first @ second / scale, -1, 1)) if scale > 0 else 0.0
