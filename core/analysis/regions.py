"""A region of interest in picture coordinates, and the share of a map's heat inside it.

A region is a box or a polygon; cells count by the share of their area that lies in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from core.errors import InputError, shown
from core.heatmap import Axes, distribution
from core.schema.checks import check_instance, check_list, check_whole
from core.schema.one_line import one_line

MOST_CORNERS = 64
MOST_GIVEN = 100_000
"""Corners of a drawn line, before it is simplified."""
_MOST_SIDE = 100_000
_LINES = 32
"""Scan lines a row of cells; along a line overlap is exact."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Region:
    """A polygon; two corners are opposite ones of a box.

    Attributes:
        corners: (x, y) in picture coordinates, 0 to 1, at least two.

    Raises:
        InputError: too few or too many corners, one outside of the picture, or no area.
    """

    corners: tuple[Point, ...]

    def __post_init__(self) -> None:
        corners = [_corner(each) for each in check_list("A region's corners", self.corners, MOST_GIVEN)]
        object.__setattr__(self, "corners", tuple(corners))
        if not 2 <= len(self.corners) <= MOST_CORNERS:
            raise InputError(f"A region has 2 corners (a box) to {MOST_CORNERS}, not {len(self.corners)}.")
        if not all(0 <= value <= 1 for corner in self.corners for value in corner):
            raise InputError("A region's corners lie in the picture: numbers from 0 to 1.")
        if not self.share_of_cells((1, 1)).sum() > 0:
            raise InputError("A region needs an area: its corners lie on one line.")

    def __repr__(self) -> str:
        kind = "a box" if self.is_box else f"a polygon of {len(self.corners)} corners"
        return one_line(self, f"{kind} on {self.share_of_cells((1, 1)).item():.1%} of the picture")

    @property
    def is_box(self) -> bool:
        """Whether it is given by two opposite corners."""
        return len(self.corners) == 2

    @property
    def outline(self) -> tuple[Point, ...]:
        """Its corners in order, a box's four included."""
        if not self.is_box:
            return self.corners
        (left, top), (right, bottom) = self.corners
        return ((left, top), (right, top), (right, bottom), (left, bottom))

    def share_of_cells(self, grid: tuple[int, int]) -> np.ndarray:
        """How much of each cell lies inside, float64 [grid_h, grid_w], in [0, 1].

        Exact for boxes. Of polygons, where edges cross, what lies inside an odd number of times (even-odd rule).

        Args:
            grid: (rows, columns) of cells.

        Raises:
            InputError: it is no such pair.
        """
        rows, columns = _two("The grid", "rows and columns", grid)
        if self.is_box:
            (x0, y0), (x1, y1) = self.corners
            return np.outer(_covered(sorted((y0, y1)), rows), _covered(sorted((x0, x1)), columns))
        lines = (np.arange(rows * _LINES) + 0.5) / (rows * _LINES)
        covered = np.array([self._on_line(y, columns) for y in lines])
        return covered.reshape(rows, _LINES, columns).mean(1)

    def _on_line(self, y: float, columns: int) -> np.ndarray:
        ends = zip(self.corners, self.corners[1:] + self.corners[:1], strict=True)
        crossings = sorted(x0 + (y - y0) / (y1 - y0) * (x1 - x0) for (x0, y0), (x1, y1) in ends if (y0 > y) != (y1 > y))
        pairs = zip(crossings[::2], crossings[1::2], strict=True)
        return sum((_covered(pair, columns) for pair in pairs), np.zeros(columns))

    def mask(self, size: tuple[int, int]) -> np.ndarray:
        """Which pixels lie inside, bool [height, width]; for looking.

        Args:
            size: (width, height) in pixels.

        Raises:
            InputError: it is no such pair.
        """
        width, height = _two("The size", "width and height", size)
        inside = np.zeros((height, width), np.uint8)
        corners = [[round(x * (width - 1)), round(y * (height - 1))] for x, y in self.outline]
        cv2.fillPoly(inside, [np.array(corners, np.int32)], 1)
        return inside.astype(bool)

    def share_of_heat(self, heat: np.ndarray, axes: Axes = 2) -> np.ndarray:
        """Heat inside over all heat, float64 [...], in [0, 1]; of a blank map the region's share of the picture.

        Args:
            heat: [..., grid_h, grid_w]; with `axes=3` of a video, [..., time, grid_h, grid_w], all of whose time it
                covers.
            axes: of one map: 2 for a picture's, 3 for a video's.

        Raises:
            InputError: it is no array of numbers with those axes.
        """
        check_whole("The number of a map's axes", axes, 2, 3)
        if not isinstance(heat, np.ndarray) or heat.ndim < axes or heat.dtype.kind not in "fiu" or not heat.size:
            raise InputError(f"Heat must be an array of numbers, [..., grid_h, grid_w], not {shown(heat)}.")
        inside = self.share_of_cells(heat.shape[-2:]).ravel()
        p = distribution(heat, axes).reshape(*heat.shape[:-axes], -1, inside.size)
        return np.clip((p @ inside).sum(-1), 0, 1)

    def to_text(self) -> str:
        """The form in addresses: "x,y;x,y", to a thousandth of the picture."""
        return ";".join(f"{x:.3f},{y:.3f}" for x, y in self.corners)

    @classmethod
    def drawn(cls, x: Sequence[float], y: Sequence[float]) -> "Region":
        """The polygon that a hand drew: cut to the picture, and simplified until it has corners enough and no more.

        Args:
            x: where the line goes, from left to right of the picture: 0 to 1.
            y: likewise from top to bottom, as many numbers.

        Raises:
            InputError: it has no area within the picture.
        """
        given = [check_list("What was drawn", each, MOST_GIVEN) for each in (x, y)]
        if not given[0] or len(given[0]) != len(given[1]):
            raise InputError("What was drawn must be as many numbers across as down, and at least one.")
        corners = np.clip([_corner(each) for each in zip(*given, strict=True)], 0, 1).astype(np.float32)
        tolerance = 0.002
        while len(corners) > MOST_CORNERS or tolerance == 0.002:
            corners = cv2.approxPolyDP(corners.reshape(-1, 1, 2), tolerance, True)[:, 0]
            tolerance *= 1.5
        if len(corners) < 3:
            raise InputError("A region needs an area: draw around something.")
        return cls(tuple((round(float(a), 3), round(float(b), 3)) for a, b in corners))

    @classmethod
    def from_text(cls, text: str) -> "Region":
        """The inverse of `to_text`.

        Args:
            text: "x,y;x,y": two corners of a box, or more of a polygon.

        Raises:
            InputError: it is no region.
        """
        check_instance("A region as text", text, str, "text")
        try:
            corners = tuple(tuple(float(value) for value in corner.split(",")) for corner in text.split(";"))
        except ValueError:
            corners = ((),)
        if not all(len(corner) == 2 for corner in corners):
            raise InputError("A region is written as corners x,y with ; between them, each number from 0 to 1.")
        return cls(corners)


def _covered(span: tuple[float, float] | list[float], count: int) -> np.ndarray:
    """How much of each of `count` equal parts of [0, 1] lies within `span`, in [0, 1]."""
    edges = np.linspace(0, 1, count + 1)
    return np.clip(np.diff(np.clip(edges, *span)) * count, 0, 1)


def _corner(value: object) -> Point:
    """(x, y) as floats."""
    numbers = check_list("A region's corner", value, 2)
    if len(numbers) != 2 or not all(isinstance(each, int | float | np.number) for each in numbers):
        raise InputError(f"A region's corner is two numbers, x and y, not {shown(value)}.")
    x, y = map(float, numbers)
    if not np.isfinite((x, y)).all():
        raise InputError(f"A region's corner is two numbers, x and y, not {shown(value)}.")
    return x, y


def _two(what: str, sides: str, value: object) -> tuple[int, int]:
    """Two whole numbers, each of which is 1 or more."""
    numbers = check_list(what, value, 2)
    if len(numbers) != 2:
        raise InputError(f"{what} must be two whole numbers, {sides}, not {shown(value)}.")
    for number in numbers:
        check_whole(f"Each of {sides}", number, 1, _MOST_SIDE)
    return numbers[0], numbers[1]
