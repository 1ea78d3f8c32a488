"""Maps of different grids in one picture frame."""

import cv2
import numpy as np


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
    size = grid[1], grid[0]
    return np.stack([cv2.resize(each, size, interpolation=cv2.INTER_LINEAR) for each in heat])


def per_even_cell(heat: np.ndarray) -> np.ndarray:
    """Each map over its own mean, float64: 1 is the heat of a cell if it is spread evenly. A blank map is 1 everywhere.

    It makes maps of methods with different units, and of layers of different strength, comparable in place.
    """
    heat = np.clip(np.asarray(heat, np.float64), 0, None)
    mean = heat.mean((-2, -1), keepdims=True)
    return np.divide(heat, mean, out=np.ones_like(heat), where=mean > 0)
