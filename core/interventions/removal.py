"""Which part of a picture is removed: a region or cells of its map, or all but that. No torch here.

Written as text it is part of the names under which what was found is stored: its form is for ever.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analysis.regions import Region
from core.errors import InputError, shown
from core.schema.checks import check_instance, check_list, check_whole

Cell = tuple[int, int]
"""(row, column) of the decoder's map of a picture, from 0."""

MOST_CELLS = 100_000
_OF_PICTURE = "-picture-"
_NOTHING = "Nothing would be removed from the picture. Choose a part of it."
_ALL = (
    "Nothing of the picture would be left. Choose a part of it; without all of it, what the answer rests on tells as "
    "much."
)


@dataclass(frozen=True)
class Removal:
    """What is removed from which picture.

    Attributes:
        region: the part; None where it is `cells`.
        cells: the part, as cells of the decoder's map; () where it is `region`.
        keep: whether the part is kept and all else removed.
        picture: which of the prompt's pictures, from 0; the others stay as they are.

    Raises:
        InputError: there is neither a region nor a cell, or both, or a value of another kind.
    """

    region: Region | None = None
    cells: tuple[Cell, ...] = ()
    keep: bool = False
    picture: int = 0

    def __post_init__(self) -> None:
        check_instance("The region", self.region, Region | None, "a Region, or None")
        check_instance("Whether to keep the part", self.keep, bool, "true or false")
        check_whole("The picture's number", self.picture, 0)
        object.__setattr__(self, "cells", tuple(sorted(set(map(_cell, check_list("Cells", self.cells, MOST_CELLS))))))
        if (self.region is None) == (not self.cells):
            raise InputError("Say which part of the picture is meant: give either a region or some cells.")

    def mask(self, size: tuple[int, int], grid: tuple[int, int]) -> np.ndarray:
        """Which pixels are removed, bool [height, width].

        A part smaller than a pixel is that pixel; a part smaller than a cell stays as small as it is.

        Args:
            size: (width, height) of the picture in pixels.
            grid: (rows, columns) of its map.

        Raises:
            InputError: a cell lies off the map, or nothing or all would be removed.
        """
        part = self._cell_mask(size, grid) if self.region is None else _region_mask(self.region, size)
        removed = ~part if self.keep else part
        if not removed.any() or removed.all():
            raise InputError(_ALL if removed.any() else _NOTHING)
        return removed

    def around(self, removed: np.ndarray) -> np.ndarray:
        """The pixels of which fills are made, bool [height, width]: those outside of the part.

        Nothing of a removed part leaks into its own fill, nor of a kept one into what surrounds it.

        Args:
            removed: as `mask` gives it.
        """
        return removed if self.keep else ~removed

    def _cell_mask(self, size: tuple[int, int], grid: tuple[int, int]) -> np.ndarray:
        (width, height), (rows, columns) = size, grid
        part = np.zeros((height, width), bool)
        for row, column in self.cells:
            if row >= rows or column >= columns:
                raise InputError(
                    f"Row {row}, column {column} is no cell of this picture's map, which has {rows} rows and "
                    f"{columns} columns. Both are counted from 0."
                )
            down, across = (
                _pixels(row / rows, (row + 1) / rows, height),
                _pixels(column / columns, (column + 1) / columns, width),
            )
            part[down, across] = True
        return part

    def to_text(self) -> str:
        """In one line; equal removals have equal texts."""
        part = self.cells if self.region is None else _canonical(self.region)
        kind = "cells" if self.region is None else "region"
        text = f"{'keep' if self.keep else 'remove'}-{kind}-" + ";".join(f"{a!r},{b!r}" for a, b in part)
        return f"{text}{_OF_PICTURE}{self.picture + 1}" if self.picture else text

    @classmethod
    def from_text(cls, text: str) -> "Removal":
        """The inverse of `to_text`.

        Args:
            text: as `to_text` wrote it; equal removals have one form.

        Raises:
            InputError: it is no removal.
        """
        try:
            written = re.fullmatch(rf"(keep|remove)-(cells|region)-(.+?)(?:{_OF_PICTURE}(\d+))?", text)
            verb, kind, pairs, picture = written.groups()
            points = tuple(tuple(map(float if kind == "region" else int, pair.split(","))) for pair in pairs.split(";"))
            part = {"region": Region(points)} if kind == "region" else {"cells": points}
            found = cls(**part, keep=verb == "keep", picture=int(picture or 1) - 1)
        except (AttributeError, TypeError, ValueError):
            found = None
        if found is None or found.to_text() != text:  # what it is stored under has one form
            raise InputError(f"{shown(text)} says of no part of a picture that it is kept or removed.")
        return found


def _cell(cell: Any) -> Cell:
    if not isinstance(cell, Sequence) or len(cell) != 2:
        raise InputError(f"A cell is its row and its column, not {shown(cell)}.")
    for what, number in zip(("A cell's row", "A cell's column"), cell, strict=True):
        check_whole(what, number, 0)
    return cell[0], cell[1]


def _canonical(region: Region) -> tuple[tuple[float, float], ...]:
    """Its corners as floats; of a box, upper left and lower right."""
    if not region.is_box:
        return tuple((float(x), float(y)) for x, y in region.corners)
    (x0, y0), (x1, y1) = region.corners
    return (float(min(x0, x1)), float(min(y0, y1))), (float(max(x0, x1)), float(max(y0, y1)))


def _region_mask(region: Region, size: tuple[int, int]) -> np.ndarray:
    if not region.is_box:
        return region.mask(size)
    (left, top), (right, bottom) = _canonical(region)
    part = np.zeros(size[::-1], bool)
    part[_pixels(top, bottom, size[1]), _pixels(left, right, size[0])] = True
    return part


def _pixels(begin: float, end: float, count: int) -> slice:
    """The pixels of a span in [0, 1] of a side: those of which more than half lies within, and at least one."""
    first = min(round(begin * count), count - 1)
    return slice(first, max(first + 1, round(end * count)))
