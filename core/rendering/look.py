"""In which colours, and how strongly, a map is laid over its picture. No OpenCV here: options are made of these."""

from dataclasses import dataclass

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
