"""How concentrated a heat map is: statistics of its distribution over the picture's cells.

Heat is taken as a distribution p over N cells (negative values count as 0). A blank map has no
distribution; it is treated as uniform, the least concentrated one, so that every statistic is a number.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Statistic:
    """A statistic as shown to people: column name, title, range and meaning."""

    name: str
    title: str
    sentence: str


STATISTICS: dict[str, Statistic] = {
    statistic.name: statistic
    for statistic in (
        Statistic("entropy", "Normalised entropy", "H(p) / log N: 1 is spread evenly, 0 all in one cell."),
        Statistic("gini", "Gini coefficient", "0 is spread evenly, towards 1 (1 - 1/N) all in one cell."),
        Statistic("top_share", "Share of the hottest 10 %", "Heat in the hottest tenth of the cells: 0.1 to 1."),
    )
}


def distribution(heat: np.ndarray) -> np.ndarray:
    """Heat as probabilities, float64 [cells]; uniform where there is no heat at all."""
    positive = np.clip(np.asarray(heat, np.float64).ravel(), 0, None)
    total = positive.sum()
    return positive / total if total > 0 else np.full(positive.size, 1 / positive.size)


def entropy(heat: np.ndarray) -> float:
    """Shannon entropy over its maximum, H(p) / log N, in [0, 1] (Shannon 1948). One cell: 0."""
    p = distribution(heat)
    if p.size == 1:
        return 0.0
    p = p[p > 0]
    return float(np.clip(-(p * np.log(p)).sum() / np.log(heat.size), 0, 1))


def gini(heat: np.ndarray) -> float:
    """Gini coefficient, half the mean absolute difference over the mean, in [0, 1 - 1/N] (Gini 1912)."""
    p = np.sort(distribution(heat))
    ranks = np.arange(1, p.size + 1)
    return float(np.clip(((2 * ranks - p.size - 1) * p).sum() / p.size, 0, 1))


def top_share(heat: np.ndarray, share: float = 0.1) -> float:
    """Heat held by the hottest `share` of the cells, in [share, 1].

    Where `share` * N is not whole, the last cell counts in part, so that a uniform map of any size
    gives exactly `share`.
    """
    p = np.sort(distribution(heat))[::-1]
    cells = share * p.size
    whole = int(cells)
    part = p[whole] * (cells - whole) if whole < p.size else 0.0
    return float(p[:whole].sum() + part)


_FUNCTIONS = {"entropy": entropy, "gini": gini, "top_share": top_share}


def progression(heat: np.ndarray) -> dict[str, np.ndarray]:
    """Every statistic over depth.

    Args:
        heat: [layers, grid_h, grid_w].

    Returns:
        name of `STATISTICS` -> float64 [layers].
    """
    return {name: np.array([function(layer) for layer in heat]) for name, function in _FUNCTIONS.items()}
