"""How maps are drawn: the options that pictures, sheets and notebooks share, checked once."""

from dataclasses import dataclass
from typing import Any

from core.errors import InputError, shown
from core.rendering.look import COLORMAP_NAMES, Look
from core.schema.checks import check_choice, check_instance


@dataclass(frozen=True, kw_only=True)
class MapStyle(Look):
    """How a map is drawn; see `core.rendering.overlay.overlay`.

    Attributes:
        colormap, opacity, even: as of every picture.
        smooth: between cell centres; else a flat block for each cell.
        threshold: share of the hottest cell's heat, 0 to 1, below which nothing is coloured.

    Raises:
        InputError: a value is none of these.
    """

    smooth: bool = True
    threshold: float = 0.0

    def __post_init__(self) -> None:
        check_choice("colour map", self.colormap, COLORMAP_NAMES)
        _check_share("The opacity", self.opacity)
        check_instance("Whether to draw smoothly", self.smooth, bool, "true or false")
        _check_share("The threshold", self.threshold)
        check_instance("Whether to colour evenly", self.even, bool, "true or false")


def _check_share(what: str, value: Any) -> None:
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise InputError(f"{what} must be a number from 0 to 1, not {shown(value)}.")
