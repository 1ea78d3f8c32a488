"""Heat between the centres of its cells: smooth at any size, and nowhere more or less than the cells around.

Cubic pieces with the slopes of Fritsch and Carlson (SIAM J. Numer. Anal. 17, 1980) as harmonic means, first along the
rows and then along the columns. Linear pieces have a crease along every line of centres, which the eye takes for
structure; cubic splines have none, but overshoot. Beyond the outermost centres heat stays as it is there. The viewer in
the browser (`dashboard/ui/drawing/heat.js`) computes the same.
"""

import numpy as np


def interpolate(heat: np.ndarray, size: tuple[int, int], rows: slice = slice(None)) -> np.ndarray:
    """Heat [grid_h, grid_w] on a picture of `size` (width, height), float32 [height, width]; cells cover it exactly.

    Args:
        rows: of the picture, those to be computed.
    """
    width, height = size
    across = _along_columns(np.ascontiguousarray(heat.T, np.float32), np.arange(width), width)
    return _along_columns(np.ascontiguousarray(across.T), np.arange(height)[rows], height)


def _along_columns(values: np.ndarray, pixels: np.ndarray, length: int) -> np.ndarray:
    """Each column of `values`, [cells, columns], at the middles of those of `length` pixels: [pixels, columns]."""
    cells, slopes = len(values), _slopes(values)
    place = np.clip((pixels + 0.5) * cells / length - 0.5, 0, cells - 1)
    if cells == 1:
        return np.repeat(values, len(pixels), axis=0)
    first = np.minimum(place.astype(int), cells - 2)
    shares = (place - first).astype(np.float32)[:, None]
    ends = np.searchsorted(first, np.arange(cells))
    found = np.empty((len(pixels), values.shape[1]), np.float32)
    for cell in range(cells - 1):
        here = slice(ends[cell], ends[cell + 1])
        step = values[cell + 1] - values[cell]
        square = 3 * step - 2 * slopes[cell] - slopes[cell + 1]
        cube = slopes[cell] + slopes[cell + 1] - 2 * step
        share, piece = shares[here], found[here]
        np.multiply(share, cube, out=piece)
        for power in (square, slopes[cell]):
            piece += power
            piece *= share
        piece += values[cell]
    return found


def _slopes(values: np.ndarray) -> np.ndarray:
    """At each centre: the harmonic mean of the steps before and after it; 0 at a peak, in a valley and at the ends."""
    slopes, steps = np.zeros_like(values), np.diff(values, axis=0)
    before, after = steps[:-1], steps[1:]
    product, total = before * after, before + after
    # Steps may be so small that their product is 0.
    slopes[1:-1] = np.divide(2 * product, total, out=np.zeros_like(total), where=(product > 0) & (total != 0))
    return slopes
