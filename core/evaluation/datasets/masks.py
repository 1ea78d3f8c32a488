"""Polygons, run lengths and boxes of annotations -> the pixels that they cover.

A pixel belongs to a shape where its centre lies inside. Pixels are squares: the first one reaches from 0 to 1.
"""

from collections.abc import Sequence

import numpy as np

from core.errors import InputError

MOST_CROSSINGS = 20_000_000
"""Of edges with rows of pixels, in one polygon."""


def of_polygon(corners: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The pixels whose centre lies inside of a polygon an odd number of times (even-odd rule).

    Args:
        corners: float [corners, 2], x and y in pixels; what lies outside of the picture is cut off.
        size: (height, width).

    Returns:
        bool [height, width].

    Raises:
        InputError: it has too many corners.
    """
    height, width = size
    x0, y0 = np.asarray(corners, np.float64).T
    x1, y1 = np.roll(x0, -1), np.roll(y0, -1)
    first = np.clip(np.ceil(np.minimum(y0, y1) - 0.5), 0, height).astype(np.int64)
    crossed = np.clip(np.ceil(np.maximum(y0, y1) - 0.5), 0, height).astype(np.int64) - first
    if crossed.sum() > MOST_CROSSINGS:
        raise InputError("Its polygon has too many corners. Save it as run lengths or as a mask.")
    edge = np.repeat(np.arange(len(x0)), crossed)
    row = first[edge] + np.arange(len(edge)) - np.repeat(np.cumsum(crossed) - crossed, crossed)
    x = x0[edge] + (row + 0.5 - y0[edge]) * (x1 - x0)[edge] / (y1 - y0)[edge]
    # Right of each crossing, inside and outside change places.
    changes = np.zeros((height, width + 1), np.uint8)
    np.bitwise_xor.at(changes, (row, np.clip(np.ceil(x - 0.5), 0, width).astype(np.int64)), 1)
    return np.bitwise_xor.accumulate(changes[:, :width], axis=1).astype(bool)


def of_polygons(polygons: Sequence[np.ndarray], size: tuple[int, int]) -> np.ndarray:
    """The pixels of any of the polygons, bool [height, width]; see `of_polygon`."""
    covered = np.zeros(size, bool)
    for corners in polygons:
        covered |= of_polygon(corners, size)
    return covered


def of_box(box: Sequence[float], size: tuple[int, int]) -> np.ndarray:
    """The pixels whose centre lies in a box, bool [height, width].

    Args:
        box: left, top, right, bottom in pixels.
        size: (height, width).
    """
    covered = np.zeros(size, bool)
    left, top, right, bottom = (max(0, int(np.ceil(edge - 0.5))) for edge in box)
    covered[top:bottom, left:right] = True
    return covered


def of_counts(counts: Sequence[int], size: tuple[int, int]) -> np.ndarray:
    """COCO's run lengths: pixels outside, inside, outside, ..., column by column from the top left.

    Returns:
        bool [height, width].

    Raises:
        InputError: they are no counts, or are of a picture of another size.
    """
    height, width = size
    if not all(isinstance(count, int) and not isinstance(count, bool) and count >= 0 for count in counts):
        raise InputError("Its run lengths are no counts of pixels.")
    if (total := sum(counts)) != height * width:
        raise InputError(
            f"Its run lengths are of {total:,} pixels, and the picture of {width} x {height} has {height * width:,}."
        )
    inside = np.arange(len(counts)) % 2 == 1
    return np.repeat(inside, np.array(counts, np.int64)).reshape(width, height).T


def decompressed(text: str) -> list[int]:
    """COCO's compressed run lengths -> counts.

    Five bits a character, lowest first; the sixth says that more follow, and the fifth of the last one is the sign.
    From the fourth on, a count is the difference to the one before the last (`rleFrString` of the COCO API).

    Raises:
        InputError: it is no such text.
    """
    counts: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift > 60:
            raise InputError("Its compressed run lengths are damaged.")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        counts.append(value + counts[-2] if len(counts) > 2 else value)
        value = shift = 0
    if shift:
        raise InputError("Its compressed run lengths are cut off.")
    return counts


def bounding_box(mask: np.ndarray) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the pixels that are True, of which there are some."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)
