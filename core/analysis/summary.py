"""What one sees in a map, as a few numbers: how concentrated its heat is, where it lies, how much is on an object."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from core.analysis.concentration import top_share
from core.analysis.objects import cells_of
from core.heatmap import cell_centres, distribution

HOTTEST = 0.1
"""Which share of the cells are called the hottest."""
SPREAD = 2 * HOTTEST
"""A map is spread where its hottest cells hold less than this: less than those of a map that fills half the picture."""
_MOST = 0.8
_NINTHS = (
    ("upper left", "top", "upper right"),
    ("left", "centre", "right"),
    ("lower left", "bottom", "lower right"),
)


@dataclass(frozen=True)
class MapSummary:
    """What one sees in a map.

    Attributes:
        is_blank: whether it has no heat at all.
        top_share: share of the heat that the hottest tenth of the cells hold, in [0.1, 1].
        places: (row, column) of the ninths of the picture in which the hottest cells lie, (0, 0) the upper left one
            and (2, 2) the lower right; those with most heat first, as many as hold most of it. () for a blank map.
        on_object: share of the heat that lies on an object, in [0, 1]; None where no object is known.
        object_size: share of the cells that the object covers.
    """

    is_blank: bool
    top_share: float
    places: tuple[tuple[int, int], ...]
    on_object: float | None = None
    object_size: float | None = None

    @property
    def is_spread(self) -> bool:
        """Whether the heat lies all over the picture, so that the hottest cells are no place to speak of."""
        return self.top_share < SPREAD


def summarise(heat: np.ndarray, true_mask: np.ndarray | None = None) -> MapSummary:
    """What one sees in one map.

    Args:
        heat: [grid_h, grid_w].
        true_mask: bool [height, width], the pixels of the object that the explained words mean.
    """
    is_blank = not np.any(np.asarray(heat) > 0)
    places = () if is_blank else _places(heat)
    if true_mask is None or not np.any(true_mask):
        return MapSummary(is_blank, float(top_share(heat, HOTTEST)), places)
    cells = cells_of(true_mask, heat.shape).ravel()
    on_object = 0.0 if is_blank else float(min(distribution(heat)[cells].sum(), 1))
    return MapSummary(is_blank, float(top_share(heat, HOTTEST)), places, on_object, float(cells.mean()))


def place_in_short(heat: np.ndarray) -> str:
    """Where the heat of a map [grid_h, grid_w] lies, in a few words, such as "heat at the upper left"."""
    seen = summarise(heat)
    if seen.is_blank:
        return "no heat"
    if seen.is_spread:
        return "heat spread out"
    if len(seen.places) > 2:
        return "heat in several places"
    return "heat at the " + " and the ".join(_NINTHS[row][column] for row, column in seen.places)


def _places(heat: np.ndarray) -> tuple[tuple[int, int], ...]:
    """Where the hottest cells lie: those that touch are one spot, which lies where its centre of mass does.

    One centre of all of them would lie between two spots, where nothing is hot.
    """
    p, hottest = distribution(heat), _hottest(heat)
    count, spots = cv2.connectedComponents(hottest.reshape(heat.shape).astype(np.uint8), connectivity=8)
    x, y = cell_centres(heat.shape)
    held: dict[tuple[int, int], float] = {}
    for spot in range(1, count):  # the first is what is not among the hottest
        inside = spots.ravel() == spot
        mass = p[inside].sum()
        place = _third(p[inside] @ y[inside] / mass), _third(p[inside] @ x[inside] / mass)
        held[place] = held.get(place, 0.0) + float(mass)
    order = sorted(held, key=held.__getitem__, reverse=True)
    sums = np.cumsum([held[place] for place in order])
    return tuple(order[: int(np.argmax(sums >= _MOST * sums[-1])) + 1])


def _hottest(heat: np.ndarray) -> np.ndarray:
    """bool [cells]: about the hottest tenth. Of equal cells all or none, since their order says nothing.

    All, as long as these are no more than twice a tenth, or nothing is hotter: an even background, on which a small
    spot stands, is not among the hottest because the spot does not fill the tenth.
    """
    p = distribution(heat)
    count = math.ceil(HOTTEST * p.size - 1e-9)  # a tenth of 30, in floats, is more than 3
    least = np.sort(p)[-count]
    hottest, hotter = (p >= least) & (p > 0), p > least
    return hotter if hotter.any() and hottest.sum() > 2 * count else hottest


def _third(at: float) -> int:
    return min(int(3 * at), 2)
