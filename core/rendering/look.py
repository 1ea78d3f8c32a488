"""In which colours, and how strongly, a map is laid over its picture. No OpenCV here: options are made of these."""

from dataclasses import dataclass
from numbers import Real
from typing import Any

from core.errors import InputError, shown
from core.schema.checks import check_choice, check_instance

COLORMAP_NAMES = ("inferno", "viridis", "magma", "turbo", "jet")
"""Perceptually even maps first; jet is there for comparison with older figures."""
DEFAULT_COLORMAP = "inferno"
OPACITY = 0.8
"""Of the hottest place over its picture."""


@dataclass(frozen=True)
class Look:
    """How overlays are drawn; as it is, that of the pages.

    Attributes:
        colormap: one of `COLORMAP_NAMES`.
        opacity: of the hottest place, in [0, 1].
        even: one opacity everywhere, as a veil; else it falls with the heat.
    """

    colormap: str = DEFAULT_COLORMAP
    opacity: float = OPACITY
    even: bool = False


ORIGINAL = Look("jet", 0.3, even=True)
"""Of the original's figures."""


@dataclass(frozen=True)
class MapLook(Look):
    """How one map is drawn, checked; see `core.rendering.overlay.overlay`.

    Attributes:
        colormap, opacity, even: as of every picture.
        smooth: whether colours run smoothly between the centres of cells; else each cell is a block.
        threshold: share of the top of the colour scale, 0 to 1, below which heat is not coloured.

    Raises:
        InputError: a value is none of these.
    """

    smooth: bool = True
    threshold: float = 0.0

    def __post_init__(self) -> None:
        check_choice("colour map", self.colormap, COLORMAP_NAMES)
        for what, value in (("The opacity", self.opacity), ("The threshold", self.threshold)):
            if not is_number(value) or not 0 <= value <= 1:
                raise InputError(f"{what} must be a number from 0 to 1, not {shown(value)}.")
        check_instance("Whether to draw smoothly", self.smooth, bool, "true or false")
        check_instance("Whether to colour evenly", self.even, bool, "true or false")


def is_number(value: Any) -> bool:
    """Whether it is a real number, numpy's included, and no truth value."""
    return isinstance(value, Real) and not isinstance(value, bool)
