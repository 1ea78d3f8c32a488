"""What stands in the place of removed cells: pixels, or features of visual tokens.

Values are [height, width, channels], over pixels or tokens. Every baseline covers all of them; the
caller takes it where cells are removed. No baseline is neutral: the mean may be a picture the model has never seen,
blur keeps large shapes.
"""

from collections.abc import Callable

import numpy as np

from core.interventions.blurring import blurred

BLUR_CELLS = 2.0
BLUR_SIDE = 1 / 8


def mean_baseline(values: np.ndarray) -> np.ndarray:
    """The mean over all pixels or tokens at each of them, one per channel; float32, same shape."""
    mean = np.asarray(values).mean((0, 1), dtype=np.float64)
    return np.broadcast_to(mean.astype(np.float32), np.shape(values)).copy()


def blur_sigma(size: tuple[int, int], grid: tuple[int, int]) -> float:
    """Sigma of the blur in pixels or tokens: two cells, or an eighth of the shorter side where that is more.

    Of a cell's own content 4 % stay at two cells; the eighth dissolves shapes of many cells. (RISE blurs
    pictures of 224 pixels by 5, less than one cell of 28 pixels.)

    Args:
        size: (height, width) in pixels or tokens.
        grid: (height, width) in cells.
    """
    cell = np.sqrt(size[0] * size[1] / (grid[0] * grid[1]))
    return float(max(BLUR_CELLS * cell, BLUR_SIDE * min(size)))


def _blur(values: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    return blurred(values, blur_sigma(values.shape[:2], grid))


def _mean(values: np.ndarray, grid: tuple[int, int]) -> np.ndarray:
    return mean_baseline(values)


BASELINES: dict[str, Callable[[np.ndarray, tuple[int, int]], np.ndarray]] = {"mean": _mean, "blur": _blur}
"""name -> function of (values [height, width, channels], grid in cells), float32 of the shape of values."""
