"""Pictures side by side under their titles, a colour bar and lines of text below them: one figure for a paper."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.rendering.captions import ColourBar
from core.rendering.overlay import fit
from core.rendering.paper.drawing import draw
from core.rendering.paper.fonts import writing
from core.rendering.paper.sheet import GAP, Raster, Sheet
from core.rendering.paper.sizes import DPI, FigureFormat, Width, check_file, width_mm
from core.schema.visible_text import visible

TALLEST = 230.0
"""Millimetres: a page of paper has no more room."""
TILE = 24.0
"""About as wide, in millimetres, is each of several tiles unless a number of columns is asked for."""
FINEST = 1200
"""Dots per inch of each of several tiles, at most; a picture alone keeps its own pixels."""
_LONGEST = 8192
"""Longer side of a picture alone, at most."""
_TITLE_ROWS = 2


@dataclass(frozen=True, eq=False)
class Tile:
    """A picture, uint8 RGB [height, width, 3], and what stands above it; "" for nothing."""

    title: str
    pixels: np.ndarray


def tiles_figure(
    tiles: Sequence[Tile],
    format: FigureFormat = "pdf",
    width: Width = "column",
    *,
    bar: ColourBar | None = None,
    lines: Sequence[str] = (),
    columns: int | None = None,
    dpi: int = DPI,
) -> bytes:
    """The bytes of a file; see `core.rendering.paper.sizes` for format, width and dpi.

    Args:
        bar: what the colours stand for; None for none.
        lines: paragraphs of people's text below.
        columns: tiles in a row; by default as many as there is room for, and more where they would not fit on a page.

    Raises:
        InputError: an argument is out of its range, or no font has a character of the text.
    """
    check_file(format, dpi)
    if not tiles:
        raise InputError("There is no map to draw. Ask for at least one.")
    tiles, lines = [Tile(visible(tile.title), tile.pixels) for tile in tiles], [visible(line) for line in lines]
    with writing("".join([*(tile.title for tile in tiles), *lines, "" if bar is None else bar.unit])) as font:
        sheet = Sheet(width_mm(width), font)
        across = _columns(tiles, sheet, columns)
        for first in range(0, len(tiles), across):
            sheet.gap()
            _row(sheet, tiles[first : first + across], across, alone=len(tiles) == 1)
        if bar is not None:
            sheet.gap()
            sheet.bar(bar)
        for number, line in enumerate(lines):
            sheet.height += GAP / 2 if number == 0 else 0
            sheet.paragraph(line)
        return draw(sheet, format, dpi)


def _columns(tiles: Sequence[Tile], sheet: Sheet, asked: int | None) -> int:
    if asked is not None:
        if type(asked) is not int or asked < 1:
            raise InputError(f"The tiles in a row are a whole number from 1, not {asked!r}.")
        return min(asked, len(tiles))
    columns = min(len(tiles), max(1, round(sheet.width / TILE)))
    while columns < len(tiles) and _height(tiles, sheet, columns) > TALLEST:
        columns += 1
    return -(-len(tiles) // -(-len(tiles) // columns))  # as many rows, and none of them nearly empty


def _height(tiles: Sequence[Tile], sheet: Sheet, columns: int) -> float:
    """Of all rows, about."""
    side = _side(sheet, columns)
    shapes = [tile.pixels.shape[0] / tile.pixels.shape[1] for tile in tiles]
    rows = [max(shapes[first : first + columns]) * side for first in range(0, len(tiles), columns)]
    return sum(rows) + len(rows) * (GAP + sheet.line)


def _side(sheet: Sheet, columns: int) -> float:
    return (sheet.width - (columns - 1) * GAP) / columns


def _row(sheet: Sheet, tiles: Sequence[Tile], columns: int, alone: bool) -> None:
    side = _side(sheet, columns)
    titles = [sheet.rows(tile.title, side, _TITLE_ROWS) if tile.title else [] for tile in tiles]
    top = sheet.height + max(map(len, titles)) * sheet.line
    lowest = top
    for column, (tile, title) in enumerate(zip(tiles, titles, strict=True)):
        left = column * (side + GAP)
        for number, row in enumerate(reversed(title), 1):
            sheet.text(row, left + side / 2, top - number * sheet.line, "center")
        height, wide = tile.pixels.shape[:2]
        # What is very tall gets narrower, in its middle.
        scale = min(side / wide, TALLEST / height)
        most = _LONGEST if alone else round(max(wide, height) * scale / 25.4 * FINEST)
        place = left + (side - wide * scale) / 2, top, wide * scale, height * scale
        sheet.items.append(Raster(fit(tile.pixels, most), *place))
        lowest = max(lowest, top + height * scale)
    sheet.height = lowest
