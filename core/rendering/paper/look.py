"""How heat is coloured in a figure: what pages call the view, with the same meaning and the same defaults."""

import math
from dataclasses import dataclass

import numpy as np

from core.errors import InputError, shown
from core.rendering.captions import ColourBar
from core.rendering.look import MapLook, is_number
from core.rendering.overlay import overlay

OWN_SCALE = "heat over the map's maximum"
"""What a colour bar says that several maps share, each on a scale of its own."""


@dataclass(frozen=True, kw_only=True)
class FigureLook(MapLook):
    """How heat is coloured: a map's look, and where its scale ends.

    Attributes:
        maximum: heat at the top of the colour scale; None for the map's own maximum.

    Raises:
        InputError: a value is out of its range.
    """

    maximum: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.maximum is not None and (not is_number(self.maximum) or not 0 < self.maximum < math.inf):
            raise InputError(f"The top of a colour scale is a number above 0, or None, not {shown(self.maximum)}.")

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


USUAL = FigureLook()
"""As pages show it."""
