"""How heat is coloured in a figure: what pages call the view, with the same meaning and the same defaults."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InputError, shown
from core.rendering.captions import ColourBar
from core.rendering.look import COLORMAP_NAMES, Look
from core.rendering.overlay import overlay
from core.schema.checks import check_choice, check_instance

OWN_SCALE = "heat over the map's maximum"
"""What a colour bar says that several maps share, each on a scale of its own."""


@dataclass(frozen=True, kw_only=True)
class FigureLook(Look):
    """How heat is coloured.

    Attributes:
        colormap, opacity, even: as of every picture.
        smooth: whether colours run smoothly between the centres of cells; else each cell is a block.
        maximum: heat at the top of the colour scale; None for the map's own maximum.
        threshold: heat below this share of the top of the scale is not coloured, 0 to 1.

    Raises:
        InputError: a value is out of its range.
    """

    smooth: bool = True
    maximum: float | None = None
    threshold: float = 0.0

    def __post_init__(self) -> None:
        check_choice("colour map", self.colormap, COLORMAP_NAMES)
        for what, value in (("The opacity", self.opacity), ("The threshold", self.threshold)):
            if not _is_number(value) or not 0 <= value <= 1:
                raise InputError(f"{what} of a figure is a number from 0 to 1, not {shown(value)}.")
        if self.maximum is not None and (not _is_number(self.maximum) or not self.maximum > 0):
            raise InputError(f"The top of a colour scale is a number above 0, or None, not {shown(self.maximum)}.")
        for what, value in (("Whether colours run smoothly", self.smooth), ("Whether the veil is even", self.even)):
            check_instance(what, value, bool, "true or false")

    def top(self, heat: np.ndarray) -> float:
        """Heat at the top of the scale of a map, or of several that share it."""
        return float(heat.max()) if self.maximum is None else self.maximum

    def over(self, pixels: np.ndarray, heat: np.ndarray, top: float | None = None) -> np.ndarray:
        """A map over its picture, uint8 RGB.

        Args:
            top: of its scale; None for its own.
        """
        top = self.top(heat) if top is None else top
        return overlay(
            pixels, heat, self.opacity, self.colormap, self.smooth, top, threshold=self.threshold, even=self.even
        )

    def bar(self, top: float, unit: str) -> ColourBar:
        """What the colours stand for."""
        return ColourBar(self.colormap, top, unit, self.threshold)

    def own_bar(self) -> ColourBar:
        """The same for several maps, each on a scale of its own."""
        return self.bar(1.0, OWN_SCALE)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | np.floating) and not isinstance(value, bool) and bool(np.isfinite(value))


USUAL = FigureLook()
"""As pages show it."""
