"""How maps are drawn: the options that pictures, sheets and notebooks share, checked once."""

from dataclasses import dataclass
from typing import Any

from core.errors import InputError, shown
from core.rendering.overlay import COLORMAPS, DEFAULT_COLORMAP, OPACITY
from core.schema.checks import check_choice, check_instance


@dataclass(frozen=True, kw_only=True)
class MapStyle:
    """How a map is drawn; see `core.rendering.overlay.overlay`.

    Attributes:
        colormap: a name of `core.rendering.overlay.COLORMAPS`.
        opacity: of the hottest place, 0 to 1.
        smooth: between cell centres; else a flat block for each cell.
        threshold: share of the hottest cell's heat, 0 to 1, below which nothing is coloured.
        even: one opacity everywhere, as a veil; else it falls with the heat.

    Raises:
        InputError: a value is none of these.
    """

    colormap: str = DEFAULT_COLORMAP
    opacity: float = OPACITY
    smooth: bool = True
    threshold: float = 0.0
    even: bool = False

    def __post_init__(self) -> None:
        check_choice("colour map", self.colormap, COLORMAPS)
        _check_share("The opacity", self.opacity)
        check_instance("Whether to draw smoothly", self.smooth, bool, "true or false")
        _check_share("The threshold", self.threshold)
        check_instance("Whether to colour evenly", self.even, bool, "true or false")


def _check_share(what: str, value: Any) -> None:
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise InputError(f"{what} must be a number from 0 to 1, not {shown(value)}.")
