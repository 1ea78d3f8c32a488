"""The layout of a figure: what stands where, in millimetres from its upper left corner, before anything is drawn."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from core.rendering.captions import ColourBar, wrap
from core.rendering.overlay import SHADES, colorize
from core.rendering.paper.fonts import POINT, Font

SIZE = 7.0
"""Of text, in points: what Nature asks for, and one less than the captions of CVPR and IEEE."""
LINE = 1.3
"""From one line of text to the next, in heights of the font."""
GAP = 2.0
"""Between things, in millimetres."""
MOST_ROWS = 6
"""Of a prompt or an answer; what does not fit ends in an ellipsis."""
_ASCENT = 0.93
_NARROWEST = 0.25
"""Millimetres that a character takes at least, about."""
_BAR, _WIDEST_BAR = 2.4, 60.0

Align = Literal["left", "center", "right"]


@dataclass(frozen=True, eq=False)
class Raster:
    """A picture, uint8 RGB [height, width, 3], and where it is put."""

    pixels: np.ndarray
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Text:
    """A line of text; `baseline` is from the top, `at` where it is aligned."""

    text: str
    at: float
    baseline: float
    align: Align = "left"


@dataclass(frozen=True)
class Outline:
    """A thin grey rectangle."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, eq=False)
class Chart:
    """A place with axes; `draw` is given matplotlib's `Axes`."""

    left: float
    top: float
    width: float
    height: float
    draw: Callable[[Any], None]


@dataclass(eq=False)
class Sheet:
    """What has been put onto a figure so far, from the top down.

    Attributes:
        width: in millimetres.
        font: what its text is written in.
        height: in millimetres, of what is on it.
        items: what is drawn, in that order.
    """

    width: float
    font: Font
    height: float = 0.0
    items: list[Raster | Text | Outline | Chart] = field(default_factory=list)

    @property
    def line(self) -> float:
        """Height of a line of text."""
        return SIZE * POINT * LINE

    def text(self, text: str, at: float, top: float, align: Align = "left") -> None:
        """Puts one line of text."""
        self.items.append(Text(text, at, top + _ASCENT * SIZE * POINT, align))

    def rows(self, text: str, width: float, most: int) -> list[str]:
        """A text in lines of at most `width`."""
        return wrap(text, _Ruler(self.font, int(width / _NARROWEST)), width, most)

    def gap(self) -> None:
        """Leaves some room, but not at the top."""
        self.height += GAP if self.items else 0.0

    def paragraph(self, text: str) -> None:
        """Puts a text below all else, in as many lines as it needs."""
        for row in self.rows(text, self.width, MOST_ROWS):
            self.text(row, 0.0, self.height)
            self.height += self.line

    def bar(self, bar: ColourBar) -> None:
        """Puts a colour bar below all else, its ends and its unit under it."""
        width, top = min(self.width - 0.4, _WIDEST_BAR), self.height + 0.2
        left = (self.width - width) / 2
        values = np.linspace(0, 1, SHADES, dtype=np.float32)
        colours = colorize(values[None], bar.colormap)
        colours[0, values < bar.threshold] = 255  # as on the picture: nothing is coloured there
        self.items += [Raster(colours, left, top, width, _BAR), Outline(left, top, width, _BAR)]
        below = top + _BAR + 0.4
        self.text("0", left, below)
        self.text(f"{bar.maximum:.3g}", left + width, below, "right")
        self.text(bar.unit, left + width / 2, below, "center")
        self.height = below + self.line


@dataclass(frozen=True)
class _Ruler:
    """Measures text for `wrap`, in millimetres; what has more than `longest` characters fits nowhere."""

    font: Font
    longest: int

    def getlength(self, text: str) -> float:
        return float("inf") if len(text) > self.longest else self.font.length(text, SIZE)
