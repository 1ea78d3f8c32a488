"""How concentrated a heat map is, and where: statistics of its distribution over the picture's cells.

Every statistic is a number for every map: a blank one is treated as uniform (see `core.heatmap`). Functions take
[..., grid_h, grid_w] and give float64 [...]; with `axes=3`, [..., time, grid_h, grid_w]. Of a video, a cell is one of
one time step: an even map is even in time, too, and N is the number of steps times that of the picture's cells.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np

from core.analysis.location import HOT, centre, hot_regions, peak, spread
from core.heatmap import Axes, distribution


@dataclass(frozen=True)
class Statistic:
    """A statistic as shown to people.

    Attributes:
        name: of its column.
        title: what it is called.
        sentence: its definition, its range, and its value for a blank map where that is not the even map's.
        axis: what an axis of its values says: the quantity and its range or unit.
        source: who defined it.
    """

    name: str
    title: str
    sentence: str
    axis: str
    source: str = ""


STATISTICS: dict[str, Statistic] = {
    statistic.name: statistic
    for statistic in (
        Statistic(
            "entropy",
            "Normalised entropy",
            "H(p) / log N: 1 is spread evenly, 0 all in one cell.",
            "H(p) / log N, 0 to 1",
            "Shannon 1948",
        ),
        Statistic(
            "gini",
            "Gini coefficient",
            "0 is spread evenly, towards 1 (1 - 1/N) all in one cell.",
            "Gini, 0 to 1",
            "Gini 1912",
        ),
        Statistic(
            "top_share",
            "Share of the hottest 10 %",
            "Heat in the hottest tenth of the cells: 0.1 to 1.",
            "share of the heat, 0.1 to 1",
        ),
        Statistic(
            "effective_area",
            "Effective area",
            "exp(H(p)) / N, the share of the cells over which an even map has the same entropy: 1/N to 1.",
            "share of the cells, 0 to 1",
            "Hill 1973, diversity of order 1",
        ),
        Statistic(
            "spread",
            "Spread",
            "Root mean square distance from the centre of mass: 0 in one cell, 0.41 even, at most 0.71.",
            "picture sizes, 0 to 0.71",
        ),
        Statistic(
            "centre_x",
            "Centre of mass, x",
            "Mean horizontal place of the heat: 0 left, 1 right.",
            "picture widths, 0 left, 1 right",
        ),
        Statistic(
            "centre_y",
            "Centre of mass, y",
            "Mean vertical place of the heat: 0 top, 1 bottom.",
            "picture heights, 0 top, 1 bottom",
        ),
        Statistic(
            "regions",
            "Hot regions",
            f"Connected regions (edges or corners touch) of cells with at least {HOT:.0%} of the maximum: 1 or more.",
            "number of regions",
        ),
        Statistic(
            "largest_region",
            "Largest hot region",
            "Its share of all cells: 1/N to 1 (even).",
            "share of the cells, 0 to 1",
        ),
        Statistic(
            "peak",
            "Peak heat",
            "The hottest cell, in the method's own unit: compare it within a method only. 0 for a blank map.",
            "heat, unit of the method",
        ),
        Statistic(
            "peak_x",
            "Peak, x",
            "Where the hottest cell lies: 0 left, 1 right; 0.5 for an even map.",
            "picture widths, 0 left, 1 right",
        ),
        Statistic(
            "peak_y",
            "Peak, y",
            "Where the hottest cell lies: 0 top, 1 bottom; 0.5 for an even map.",
            "picture heights, 0 top, 1 bottom",
        ),
    )
}

HEADLINE = ("entropy", "gini", "top_share")
"""The statistics of concentration proper: what tables and charts show where there is room for a few."""


def entropy(heat: np.ndarray, axes: Axes = 2) -> np.ndarray:
    """Shannon entropy over its maximum, H(p) / log N, in [0, 1] (Shannon 1948). One cell: 0."""
    p = distribution(heat, axes)
    return np.clip(_entropy(p) / np.log(p.shape[-1]), 0, 1) if p.shape[-1] > 1 else np.zeros(p.shape[:-1])


def effective_area(heat: np.ndarray, axes: Axes = 2) -> np.ndarray:
    """exp(H(p)) / N, in [1/N, 1]: the share of cells that an even map of this entropy covers (Hill 1973, order 1)."""
    p = distribution(heat, axes)
    return np.clip(np.exp(_entropy(p)) / p.shape[-1], 1 / p.shape[-1], 1)


def gini(heat: np.ndarray, axes: Axes = 2) -> np.ndarray:
    """Gini coefficient, half the mean absolute difference over the mean, in [0, 1 - 1/N] (Gini 1912)."""
    p = np.sort(distribution(heat, axes), axis=-1)
    ranks = np.arange(1, p.shape[-1] + 1)
    return np.clip(((2 * ranks - p.shape[-1] - 1) * p).sum(-1) / p.shape[-1], 0, 1)


def top_share(heat: np.ndarray, share: float = 0.1, axes: Axes = 2) -> np.ndarray:
    """Heat held by the hottest `share` of the cells, in [share, 1].

    Where `share` * N is not whole, the last cell counts in part, so that a uniform map of any size
    gives exactly `share`.
    """
    p = np.sort(distribution(heat, axes), axis=-1)[..., ::-1]
    cells = share * p.shape[-1]
    whole = int(cells)
    part = p[..., whole] * (cells - whole) if whole < p.shape[-1] else 0.0
    return p[..., :whole].sum(-1) + part


def _entropy(p: np.ndarray) -> np.ndarray:
    return -(p * np.log(p, out=np.zeros_like(p), where=p > 0)).sum(-1)


_FUNCTIONS: dict[tuple[str, ...], Callable[[np.ndarray, Axes], tuple[np.ndarray, ...]]] = {
    ("entropy",): lambda heat, axes: (entropy(heat, axes),),
    ("gini",): lambda heat, axes: (gini(heat, axes),),
    ("top_share",): lambda heat, axes: (top_share(heat, axes=axes),),
    ("effective_area",): lambda heat, axes: (effective_area(heat, axes),),
    ("spread",): lambda heat, axes: (spread(heat, axes),),
    ("centre_x", "centre_y"): centre,
    ("regions", "largest_region"): hot_regions,
    ("peak_x", "peak_y", "peak"): peak,
}


def together(name: str) -> tuple[str, ...]:
    """The statistics that one function gives, that one among them."""
    return next(names for names in _FUNCTIONS if name in names)


def progression(heat: np.ndarray, names: Collection[str] = tuple(STATISTICS), axes: Axes = 2) -> dict[str, np.ndarray]:
    """Statistics over depth.

    Args:
        heat: [..., grid_h, grid_w], of a result [layers, grid_h, grid_w].
        names: of the statistics that are wanted; all by default.
        axes: 3 where heat is of a video, [..., time, grid_h, grid_w].

    Returns:
        name of `STATISTICS` -> float64 [...].
    """
    wanted = set(names)
    found = {
        name: values
        for group, function in _FUNCTIONS.items()
        if not wanted.isdisjoint(group)
        for name, values in zip(group, function(heat, axes), strict=True)
    }
    return {name: found[name] for name in STATISTICS if name in wanted}
