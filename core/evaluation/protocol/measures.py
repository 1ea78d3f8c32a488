"""One map against the pixels of one object: every measure that needs a single map.

On cells, as in the built-in evaluation: `pointing`, `energy`, `auc` (`core.evaluation.benchmark.metrics`), and
`soft_iou`. On pixels, as others publish it: `pointing_mask`, `pointing_box`, and TAM's obj-IoU
(`core.evaluation.protocol.tam`).
"""

from dataclasses import dataclass

import numpy as np

from core.analysis.objects import cells_of, coverage
from core.evaluation.benchmark import metrics
from core.evaluation.protocol.tam import obj_iou, scaled_mask

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Truth:
    """Where an object lies, as the measures need it on one grid.

    Attributes:
        mask: bool [height, width], its pixels, scaled down where the picture is large.
        cells: bool [grid_h, grid_w], the cells that it covers.
        share: float64 [grid_h, grid_w], which share of each it covers.
        on_mask, in_box: bool [grid_h, grid_w], whether the centre of a cell is one of its pixels, or in its box.
    """

    mask: np.ndarray
    cells: np.ndarray
    share: np.ndarray
    on_mask: np.ndarray
    in_box: np.ndarray

    @classmethod
    def of(cls, mask: np.ndarray, box: Box | None, grid: tuple[int, int]) -> "Truth":
        """For an object's pixels, bool [height, width], and its box in pixels, or None for that around the pixels."""
        left, top, right, bottom = box_around(mask) if box is None else box
        y, x = ((np.arange(cells) + 0.5) * pixels / cells for cells, pixels in zip(grid, mask.shape, strict=True))
        rows, columns = y.astype(int), x.astype(int)
        in_box = ((y >= top) & (y < bottom))[:, None] & ((x >= left) & (x < right))
        return cls(scaled_mask(mask), cells_of(mask, grid), coverage(mask, grid), mask[np.ix_(rows, columns)], in_box)


def box_around(mask: np.ndarray) -> Box:
    """(left, top, right, bottom) of the pixels of a mask, the last ones included; all 0 where it has none."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not len(rows):
        return 0.0, 0.0, 0.0, 0.0
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def soft_iou(heat: np.ndarray, share: np.ndarray) -> float:
    """Sum of the lower over sum of the higher of two fuzzy sets (Jaccard's index as Ruzicka 1958 extends it).

    Args:
        heat: [height, width]; counts in shares of its hottest cell, negative and not finite heat as 0.
        share: the same shape, in 0..1: how much of each cell the object covers.

    Returns:
        0 for a blank map, unless the object covers nothing either.
    """
    heat = np.where(np.isfinite(heat), heat, 0).astype(np.float64)
    peak = heat.max()
    heat = np.maximum(heat, 0) / peak if peak > 0 else np.zeros_like(heat)
    union = np.maximum(heat, share).sum()
    return float(np.minimum(heat, share).sum() / union) if union > 0 else 0.0


def measured(heat: np.ndarray, truth: Truth) -> list[float]:
    """Every one of `core.evaluation.protocol.figures.MEASURES`, in their order, of one map [grid_h, grid_w]."""
    return [
        metrics.pointing(heat, truth.cells),
        metrics.pointing(heat, truth.on_mask),
        metrics.pointing(heat, truth.in_box),
        metrics.energy(heat, truth.cells),
        soft_iou(heat, truth.share),
        metrics.auc(heat, truth.cells),
        *obj_iou(heat, truth.mask),
    ]
