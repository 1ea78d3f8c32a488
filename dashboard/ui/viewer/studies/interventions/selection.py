"""What of a picture was chosen, to be removed or kept: a region or cells, and how the address says it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from core import InputError
from core.analysis.regions import Region
from core.interventions.removal import MOST_CELLS, Cell, Removal
from dashboard.language import _


@dataclass(frozen=True)
class Selection:
    """A region or cells, one of both.

    Attributes:
        region: None where cells were chosen.
        cells: (row, column) on the decoder's grid, from 0, each once and in reading order; () for a region.
    """

    region: Region | None = None
    cells: tuple[Cell, ...] = ()

    @classmethod
    def of_cells(cls, cells: Sequence[Cell]) -> "Selection":
        """Cells in any order."""
        return cls(cells=tuple(sorted(set(cells))))

    def removal(self, keep: bool, picture: int) -> Removal:
        """What is removed of which picture: this, or all but this."""
        return Removal(self.region, self.cells, keep, picture)

    def check(self, grid: tuple[int, int]) -> None:
        """Looks whether its cells lie on a grid.

        Raises:
            InputError: one does not.
        """
        for row, column in self.cells:
            if row >= grid[0] or column >= grid[1]:
                raise InputError(
                    _(
                        "Cell {row}:{column} lies off the map, which has {rows} rows and {columns} columns.",
                        row=row + 1,
                        column=column + 1,
                        rows=grid[0],
                        columns=grid[1],
                    )
                )

    def to_text(self) -> str:
        """As addresses and people write it: a region's corners, or rows with their columns, both counted from 1."""
        if self.region is not None:
            return self.region.to_text()
        rows = groupby(self.cells, key=lambda cell: cell[0])
        return ";".join(f"{row + 1}:{','.join(_runs([column for _row, column in of]))}" for row, of in rows)

    @classmethod
    def from_text(cls, text: str) -> "Selection":
        """The inverse of `to_text`.

        Raises:
            InputError: it is neither a region nor cells.
        """
        if ":" not in text:
            return cls(region=Region.from_text(text))
        try:
            cells = (cell for row in text.split(";") for cell in _cells_of(row))
            return cls.of_cells(list(islice(cells, MOST_CELLS)))
        except ValueError:
            raise InputError(_("Cells are written as row:column, such as 3:4-6,9;4:5, counted from 1.")) from None

    @classmethod
    def told(cls, told: Any, grid: tuple[int, int]) -> "Selection | None":
        """What a browser sends of a choice on a picture; None for nothing, and for anything that no picture sends.

        Args:
            told: {"corners": two or more of [x, y]} or {"cells": [[row, column], ...]}.
        """
        try:
            if told.get("corners"):
                corners = tuple((round(float(x), 3), round(float(y), 3)) for x, y in told["corners"])
                return cls(region=Region(corners))
            cells = [(row, column) for row, column in told["cells"] if type(row) is type(column) is int]
            inside = [(row, column) for row, column in cells if 0 <= row < grid[0] and 0 <= column < grid[1]]
        except (AttributeError, InputError, KeyError, TypeError, ValueError):
            return None
        return cls.of_cells(inside) if inside else None


def _runs(columns: Sequence[int]) -> Iterator[str]:
    """Columns as people write them, from 1, those beside each other as "4-6"."""
    for _gap, beside in groupby(enumerate(columns), key=lambda each: each[1] - each[0]):
        run = [column + 1 for _number, column in beside]
        yield str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"


def _cells_of(row: str) -> Iterator[Cell]:
    number, _colon, columns = row.partition(":")
    for run in columns.split(","):
        first, _dash, last = run.partition("-")
        ends = int(first), int(last or first)
        if not (int(number) >= 1 and 1 <= ends[0] <= ends[1]):
            raise ValueError(row)
        yield from ((int(number) - 1, column - 1) for column in range(ends[0], ends[1] + 1))
