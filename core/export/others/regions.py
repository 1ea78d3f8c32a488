"""A map -> its hot regions, in pixels of the picture."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from core.heatmap import distribution


@dataclass(frozen=True, eq=False)
class HeatRegion:
    """Hot cells that touch each other at an edge or a corner.

    Attributes:
        cells: bool [grid_h, grid_w].
        size: (width, height) of the picture in pixels.
        share_of_heat: of the map's heat, in (0, 1], what lies in it.
    """

    cells: np.ndarray
    size: tuple[int, int]
    share_of_heat: float

    @property
    def mask(self) -> np.ndarray:
        """Its pixels, bool [height, width]: of each cell the pixels that `core.rendering.overlay` draws as a block."""
        rows, columns = self._numbers()
        return self.cells[rows][:, columns]

    @property
    def area(self) -> int:
        """How many pixels it has."""
        rows, columns = self._numbers()
        heights, widths = (
            np.bincount(rows, minlength=len(self.cells)),
            np.bincount(columns, minlength=self.cells.shape[1]),
        )
        return int(heights @ self.cells.astype(np.int64) @ widths)

    @property
    def corners(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) of its pixels."""
        rows, columns = self._numbers()
        down, across = np.flatnonzero(self.cells.any(1)[rows]), np.flatnonzero(self.cells.any(0)[columns])
        return float(across[0]), float(down[0]), float(across[-1] + 1), float(down[-1] + 1)

    def _numbers(self) -> tuple[np.ndarray, np.ndarray]:
        """The row of cells in which each row of pixels lies, and likewise of columns."""
        (grid_h, grid_w), (width, height) = self.cells.shape, self.size
        return np.arange(height) * grid_h // height, np.arange(width) * grid_w // width


def heat_regions(
    heat: np.ndarray, size: tuple[int, int], share: float, top_share: float | None = None
) -> list[HeatRegion]:
    """The regions of a map, the one with most heat first; none of a blank map.

    Args:
        heat: [grid_h, grid_w].
        size: (width, height) of the picture in pixels.
        share, top_share: see `core.export.others.entries.Threshold`.
    """
    warm = np.clip(np.nan_to_num(np.asarray(heat, np.float64)), 0, None)
    top = float(warm.max(initial=0.0))
    if not top > 0:
        return []
    least = share * top
    if top_share is not None:
        least = np.sort(warm, axis=None)[-math.ceil(top_share * warm.size)]
    count, labels = cv2.connectedComponents(((warm >= least) & (warm > 0)).astype(np.uint8))
    p = distribution(warm).reshape(warm.shape)
    found = [HeatRegion(labels == number, size, float(p[labels == number].sum())) for number in range(1, count)]
    # Where a picture has fewer pixels than its map has cells, a cell may be without any.
    return sorted((each for each in found if each.area), key=lambda each: -each.share_of_heat)
