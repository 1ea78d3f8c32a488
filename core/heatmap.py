"""Elementary operations on heat maps: as a distribution over cells, as ranks, on another grid; where cells lie.

Negative values count as 0. A blank map has no distribution; it is treated as uniform, the least concentrated
one, so that every statistic is a number. Everything here takes [..., grid_h, grid_w] and keeps the leading axes.
A video's map is [..., time, grid_h, grid_w]: where a function takes `axes`, 3 says that this is meant, all steps of a
map being one distribution.
"""

from typing import Literal

import numpy as np

Scale = Literal["share", "raw"]
Axes = Literal[2, 3]
"""How many of the last axes are those of a map: rows and columns, or of a video time, rows and columns."""


def distribution(heat: np.ndarray, axes: Axes = 2) -> np.ndarray:
    """Heat as probabilities, float64 [..., cells]; uniform where there is no heat at all."""
    heat = np.asarray(heat, np.float64)
    cells = np.clip(heat.reshape(*heat.shape[:-axes], -1), 0, None)
    # Over the maximum first: neither the sum of huge values nor the division of tiny ones leaves the range of floats.
    top = cells.max(-1, keepdims=True, initial=0.0)
    cells = np.divide(cells, top, out=np.ones_like(cells), where=top > 0)
    return cells / cells.sum(-1, keepdims=True)


def cell_centres(grid: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) of the cells' centres, float64 [cells] each, in picture coordinates: 0 left or top, 1 right or bottom."""
    rows, columns = grid
    x = (np.arange(columns) + 0.5) / columns
    y = (np.arange(rows) + 0.5) / rows
    return np.tile(x, rows), np.repeat(y, columns)


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks 1..n of `values` [n], float64; ties share the average of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[inverse]


def rank_correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Spearman's rank correlation of two maps of one shape, in [-1, 1]; ties share their average rank.

    0 where a map is constant: it has no order that could agree. What is no number counts as no heat.

    Raises:
        ValueError: the maps differ in shape.
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"maps of shapes {np.shape(a)} and {np.shape(b)} cannot be compared cell by cell")
    numbers = (np.where(np.isfinite(heat), heat, 0) for heat in (a, b))
    first, second = (ranks(heat.ravel()) - (heat.size + 1) / 2 for heat in numbers)
    scale = np.sqrt((first @ first) * (second @ second))
    return float(np.clip(first @ second / scale, -1, 1)) if scale > 0 else 0.0


def common_grid(first: tuple[int, int], second: tuple[int, int]) -> tuple[int, int]:
    """The finer of two grids in each direction, (rows, columns)."""
    return max(first[0], second[0]), max(first[1], second[1])


def on_grid(heat: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Maps on another grid over the same picture, float32 [maps, *grid]; linear between cell centres.

    Args:
        heat: float32 [maps, grid_h, grid_w].
    """
    if heat.shape[-2:] == tuple(grid):
        return heat
    import cv2  # which nothing else here needs

    size = grid[1], grid[0]
    return np.stack([cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in heat])


def per_even_cell(heat: np.ndarray) -> np.ndarray:
    """Each map over its own mean, float64: 1 is the heat of a cell if it is spread evenly. A blank map is 1 everywhere.

    It makes maps of methods with different units, and of layers of different strength, comparable cell by cell.
    """
    heat = np.clip(np.asarray(heat, np.float64), 0, None)
    mean = heat.mean((-2, -1), keepdims=True)
    return np.divide(heat, mean, out=np.ones_like(heat), where=mean > 0)


def difference(first: np.ndarray, second: np.ndarray, scale: Scale) -> tuple[list[np.ndarray], np.ndarray]:
    """(both maps on the finer grid of the two, the first less the second), each [grid_h, grid_w].

    Args:
        scale: "share", each map over its own mean (see `per_even_cell`), or "raw".
    """
    grid = common_grid(first.shape, second.shape)
    framed = [on_grid(heat[None], grid)[0] for heat in (first, second)]
    if scale == "share":
        framed = [per_even_cell(heat) for heat in framed]
    return framed, framed[0] - framed[1]
