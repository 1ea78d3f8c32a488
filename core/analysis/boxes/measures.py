"""How much of a map's heat lies in a box of the answer, and how well its hottest cells and the box agree."""

from dataclasses import dataclass

import numpy as np

from core.analysis.boxes.placing import Box
from core.errors import InputError
from core.heatmap import distribution
from core.schema.checks import check_instance

AROUND = 1
"""Cells around a point's own, to each side, that count as its neighbourhood."""


@dataclass(frozen=True)
class BoxMeasures:
    """A map and a box.

    Attributes:
        share_of_heat: of all heat, in [0, 1], what lies in the box; of a point, in its cell and those around it.
        share_of_picture: of the picture's area, in (0, 1], what the box or those cells cover: the share of heat that an
            even map would have there.
        lift: the former over the latter; 1 is no better than an even map.
        overlap: intersection over union, in [0, 1], of the box and the hottest cells, as many as the box is large
            (Jaccard 1912); None of a point. Cells that are equally hot count in equal parts.
    """

    share_of_heat: float
    share_of_picture: float
    lift: float
    overlap: float | None = None


def measure(box: Box, heat: np.ndarray) -> BoxMeasures | None:
    """What a map says of a box of the answer.

    Args:
        heat: [grid_h, grid_w], over the box's picture.

    Returns:
        None for a box that has no place in the picture, or no area.

    Raises:
        InputError: it is no box, or the heat no map.
    """
    check_instance("The box", box, Box, "one that boxes_of has found")
    check_instance("The heat", heat, np.ndarray, "an array")
    if heat.ndim != 2 or not heat.size:
        raise InputError(f"The heat of one map [rows, columns] is measured, not an array of the shape {heat.shape}.")
    cells = _cells(box, heat.shape)
    if cells is None:
        return None
    share = float(np.clip(distribution(heat) @ cells.ravel(), 0, 1))
    size = float(cells.mean())
    overlap = None
    if box.written.kind == "box":
        hottest = _hottest(heat, float(cells.sum()))
        common = float(np.minimum(hottest, cells).sum())
        overlap = common / (float(hottest.sum()) + float(cells.sum()) - common)
    return BoxMeasures(share, size, share / size, overlap)


def _cells(box: Box, grid: tuple[int, int]) -> np.ndarray | None:
    """How much of each cell counts, in [0, 1]."""
    if box.pixels is None:
        return None
    if box.written.kind == "box":
        return None if box.region is None else box.region.share_of_cells(grid)
    column, row = (min(int(share * count), count - 1) for share, count in zip(box.corners, grid[::-1], strict=True))
    cells = np.zeros(grid)
    cells[max(0, row - AROUND) : row + AROUND + 1, max(0, column - AROUND) : column + AROUND + 1] = 1
    return cells


def _hottest(heat: np.ndarray, area: float) -> np.ndarray:
    """How much of each cell belongs to the hottest ones, which make up `area` cells, [grid_h, grid_w] in [0, 1]."""
    p = distribution(heat)
    values, inverse, counts = np.unique(-p, return_inverse=True, return_counts=True)
    before = np.concatenate([[0], np.cumsum(counts)[:-1]])
    taken = np.clip((area - before) / counts, 0, 1)  # of the cells of each value, hottest first
    return taken[inverse].reshape(heat.shape)
