"""Into how many tiles SmolVLM's image processor cuts a picture. No torch here.

The longer side is brought to a length, both sides are stretched up to whole tiles, and what is larger than one tile is
cut. transformers' image processor says how many tiles it made only once it has made them.
"""

import math

MOST = 4096
"""Pixels on a side beyond which the image processor never goes."""


def split_grid(size: tuple[int, int], longest: int, tile: int) -> tuple[int, int]:
    """(rows, columns) of tiles of a picture; (1, 1) where it is not cut.

    In transformers' order of operations (`SmolVLMImageProcessorPil`), whose rounding decides at the borders.

    Args:
        size: (height, width) in pixels.
        longest: pixels that the longer side is brought to.
        tile: pixels on a tile's side.
    """
    height, width = _bounded(*_brought_to(*size, longest))
    ratio = width / height
    if width >= height:
        columns = math.ceil(width / tile)
        rows = math.ceil(int(columns * tile / ratio) / tile)
    else:
        rows = math.ceil(height / tile)
        columns = math.ceil(int(rows * tile * ratio) / tile)
    return max(1, rows), max(1, columns)


def _brought_to(height: int, width: int, longest: int) -> tuple[int, int]:
    ratio = width / height
    if width >= height:
        shorter = int(longest / ratio)
        return max(1, shorter + shorter % 2), longest
    shorter = int(longest * ratio)
    return longest, max(1, shorter + shorter % 2)


def _bounded(height: int, width: int) -> tuple[int, int]:
    ratio = width / height
    if width >= height and width > MOST:
        height, width = int(MOST / ratio), MOST
    elif height > width and height > MOST:
        height, width = MOST, int(MOST * ratio)
    return max(1, height), max(1, width)
