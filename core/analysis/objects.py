"""An object's pixels -> the cells of a map that it covers."""

import numpy as np


def cells_of(mask: np.ndarray, grid: tuple[int, int], covered: float = 0.1) -> np.ndarray:
    """The cells of which an object covers at least the share `covered`.

    Cells are equal parts of the picture; a pixel on the border of two counts for each in part.

    Args:
        mask: bool [height, width], the object's pixels.
        grid: (height, width) in cells.
        covered: share of a cell, in (0, 1].

    Returns:
        bool [grid_h, grid_w].
    """
    return coverage(mask, grid) >= covered - 1e-9  # a tenth in sums of floats may be a little less than 0.1


def coverage(mask: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    """Which share of each cell an object covers, float64 [grid_h, grid_w]; arguments as of `cells_of`."""
    return _overlap(grid[0], mask.shape[0]) @ np.asarray(mask, np.float64) @ _overlap(grid[1], mask.shape[1]).T


def _overlap(cells: int, pixels: int) -> np.ndarray:
    """float64 [cells, pixels]: which share of a cell each pixel makes up, along one side; rows sum to 1."""
    edges, steps = np.linspace(0, pixels, cells + 1)[:, None], np.arange(pixels)
    return np.clip(np.minimum(edges[1:], steps + 1) - np.maximum(edges[:-1], steps), 0, None) * cells / pixels
