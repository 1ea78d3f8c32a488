"""The maps of all heads on one sheet, a small one each: one picture, however many heads there are."""

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.rendering.overlay import DEFAULT_COLORMAP, colorize, normalise
from core.schema.readings.head_maps import HeadMaps, HeadOrder

WIDEST = 1120
"""Pixels of a sheet, unless its tiles would be too narrow to be seen."""
_NARROWEST, _BROADEST, _LOWEST = 30, 96, 12
_ROOMY = 56
"""Width from which on a caption has room for the number that decides the order."""
_GAP, _CAPTION, _MARGIN = 4, 12, 8
_LEAST_COLUMNS = 16


@dataclass(frozen=True, eq=False)
class HeadSheet:
    """A sheet, and which head lies where on it.

    Attributes:
        pixels: uint8 RGB [height, width, 3]; below each map its layer and head, as in "6.0", and the number by which
            they are in order, where there is room for it.
        heads: (layer, head) of each map, row by row.
        columns: maps in a row.
        tile: (width, height) of a map in pixels.
    """

    pixels: np.ndarray
    heads: tuple[tuple[int, int], ...]
    columns: int
    tile: tuple[int, int]

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """(layer, head) at a place of the sheet, 0 to 1 from its left and top; None between the maps."""
        height, width = self.pixels.shape[:2]
        step_x, step_y = _steps(self.tile)
        column, row = (x * width - _MARGIN) // step_x, (y * height - _MARGIN) // step_y
        number = int(row * self.columns + column)
        inside = 0 <= column < self.columns and row >= 0 and number < len(self.heads)
        return self.heads[number] if inside else None

    def box(self, layer: int, head: int) -> tuple[float, float, float, float]:
        """Where a head's map lies: left, top, width and height, in parts of the sheet."""
        height, width = self.pixels.shape[:2]
        left, top = _corner(self.heads.index((layer, head)), self.columns, self.tile)
        return left / width, top / height, self.tile[0] / width, self.tile[1] / height


def head_sheet(maps: HeadMaps, order: HeadOrder = "agreement", colormap: str = DEFAULT_COLORMAP) -> HeadSheet:
    """All heads of a model, each on a colour scale of its own; in the order "layer" a row is a layer.

    Raises:
        InputError: there is no such order.
    """
    heads = tuple(maps.ordered(order))
    columns = maps.heads if order == "layer" else min(len(heads), max(maps.heads, _LEAST_COLUMNS))
    rows = -(-len(heads) // columns)
    width = int(np.clip((WIDEST - 2 * _MARGIN) // columns - _GAP, _NARROWEST, _BROADEST))
    tile = width, int(np.clip(round(width * maps.grid[0] / maps.grid[1]), _LOWEST, 2 * width))
    step_x, step_y = _steps(tile)
    size = 2 * _MARGIN + columns * step_x - _GAP, 2 * _MARGIN + rows * step_y - _GAP
    pixels = np.full((size[1], size[0], 3), 255, np.uint8)
    for number, (layer, head) in enumerate(heads):
        left, top = _corner(number, columns, tile)
        drawn = colorize(normalise(maps.at(layer, head)), colormap)
        # Cells as blocks where there is room, else the mean of those that a pixel covers.
        how = cv2.INTER_NEAREST if tile[0] >= maps.grid[1] and tile[1] >= maps.grid[0] else cv2.INTER_AREA
        pixels[top : top + tile[1], left : left + tile[0]] = cv2.resize(drawn, tile, interpolation=how)
    values = {"agreement": maps.agreement, "picture": maps.picture_share}.get(order)

    def caption(layer: int, head: int) -> str:
        number = "" if values is None or width < _ROOMY else f"   {values[maps.index(layer, head)]:.2f}"
        return f"{layer}.{head}{number}"

    page, font = Image.fromarray(pixels), ImageFont.load_default(10)
    draw = ImageDraw.Draw(page)
    for number, (layer, head) in enumerate(heads):
        left, top = _corner(number, columns, tile)
        draw.text((left + tile[0] / 2, top + tile[1] + 1), caption(layer, head), fill="black", font=font, anchor="ma")
    return HeadSheet(np.asarray(page), heads, columns, tile)


def _steps(tile: tuple[int, int]) -> tuple[int, int]:
    return tile[0] + _GAP, tile[1] + _CAPTION + _GAP


def _corner(number: int, columns: int, tile: tuple[int, int]) -> tuple[int, int]:
    step_x, step_y = _steps(tile)
    return _MARGIN + number % columns * step_x, _MARGIN + number // columns * step_y
