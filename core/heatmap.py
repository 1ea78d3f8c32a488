"""A heat map as a distribution over the picture's cells, and where cells lie in the picture.

Negative values count as 0. A blank map has no distribution; it is treated as uniform, the least concentrated
one, so that every statistic is a number. Everything here takes [..., grid_h, grid_w] and keeps the leading axes.
"""

import numpy as np


def distribution(heat: np.ndarray) -> np.ndarray:
    """Heat as probabilities, float64 [..., cells]; uniform where there is no heat at all."""
    heat = np.asarray(heat, np.float64)
    cells = np.clip(heat.reshape(*heat.shape[:-2], -1), 0, None)
    # Over the maximum first: neither the sum of huge values nor the division of tiny ones leaves the range of floats.
    top = cells.max(-1, keepdims=True, initial=0.0)
    cells = np.divide(cells, top, out=np.ones_like(cells), where=top > 0)
    return cells / cells.sum(-1, keepdims=True)


def places(grid: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(x, y) of the cells' centres, float64 [cells] each, in picture coordinates: 0 left or top, 1 right or bottom."""
    rows, columns = grid
    x = (np.arange(columns) + 0.5) / columns
    y = (np.arange(rows) + 0.5) / rows
    return np.tile(x, rows), np.repeat(y, columns)
