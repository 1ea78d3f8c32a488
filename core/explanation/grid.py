"""The number of a map's rows and columns, which is asked for its maps by the same name."""

from collections.abc import Callable
from typing import Any

from PIL import Image


class Grid(tuple):
    """(rows, columns) of cells; called, it draws the maps side by side.

    Results have had their size under this name since they were stored first; people look for a grid of all maps there.

    Args:
        size: rows and columns.
        draw: what a call does.
    """

    def __new__(cls, size: tuple[int, int], draw: Callable[..., Image.Image]) -> "Grid":
        grid = super().__new__(cls, size)
        grid._draw = draw
        return grid

    def __call__(self, *given: Any, **options: Any) -> Image.Image:
        """As `Explanation.sheet`."""
        return self._draw(*given, **options)

    def __reduce__(self) -> tuple[type, tuple[tuple[int, ...]]]:
        """A copy is the size alone."""
        return tuple, (tuple(self),)
