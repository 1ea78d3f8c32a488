"""How two maps of one picture differ, over that picture: red where the first is hotter, blue where the second is."""

from functools import cache

import numpy as np

from core.rendering.overlay import OPACITY, between, blended, painted

STOPS = (
    (0.0, (33, 102, 172)),
    (0.25, (146, 197, 222)),
    (0.5, (247, 247, 247)),
    (0.75, (244, 165, 130)),
    (1.0, (178, 24, 43)),
)
"""(share of the way, RGB) from the largest amount below zero, by none in the middle, to the largest above."""


def colours() -> np.ndarray:
    """256 of them, uint8 RGB [256, 3]."""
    places, given = zip(*STOPS, strict=True)
    at = np.linspace(0, 1, 256)
    return np.round(np.stack([np.interp(at, places, channel) for channel in zip(*given, strict=True)], -1)).astype(
        np.uint8
    )


def largest(difference: np.ndarray) -> float:
    """The largest amount, or 1 where all is 0: where a scale centred at zero ends."""
    return float(np.abs(difference).max()) or 1.0


def difference_overlay(
    pixels: np.ndarray,
    difference: np.ndarray,
    opacity: float = OPACITY,
    smooth: bool = True,
    maximum: float | None = None,
    threshold: float = 0.0,
    even: bool = False,
) -> np.ndarray:
    """A difference, [grid_h, grid_w], laid over its picture, uint8 [height, width, 3], as `overlay` lays heat.

    Args:
        opacity: of the largest amount, to either side. Elsewhere it falls with the amount.
        maximum: amount at the ends of the scale; None for the largest.
        threshold: amounts below this share of it are not coloured.
        even: one opacity everywhere.
    """
    scaled = np.clip(difference / (maximum or largest(difference)), -1, 1).astype(np.float32)
    return blended(pixels, scaled, _coloured, opacity, smooth, None, threshold, even)


def _coloured(values: np.ndarray) -> np.ndarray:
    return painted((values + 1) / 2, _shades())


@cache
def _shades() -> np.ndarray:
    return between(colours())
