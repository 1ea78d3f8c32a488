"""Maps beside each other, looked at closely together: drawn, zoomed and moved as one in the browser.

A component that is sent all maps that can be chosen at once. It gets pictures, numbers, letters and words of ours, no
text of people.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

from core.rendering.overlay import DEFAULT_COLORMAP, OPACITY
from dashboard.language import N_, _
from dashboard.ui.drawing.packet import AnyMap, bound, pack
from dashboard.ui.drawing.scripts import DRAWING, LOOKING, joined

_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_panes",
    html=_HERE.with_suffix(".html").read_text("utf-8"),
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=joined(*DRAWING, *LOOKING, *(_HERE.with_name(f"{name}.js") for name in ("swipe", "zooms", "panes"))),
)

_WORDS = {
    "cell": N_("x {x}, y {y}: {value} ({unit})"),
    "keys": N_("arrow keys move, plus and minus zoom, 0 shows the whole picture"),
    "swipe": N_("One over the other"),
}
_LABELS = {
    "opacity": N_("Opacity"),
    "colormap": N_("Colours"),
    "threshold": N_("Hide heat below"),
    "cells": N_("Cells"),
    "scale": N_("Scale"),
    "even": N_("Even veil"),
}
_BUTTONS = {
    "everywhere": N_("Look at it"),
    "more": N_("More"),
    "larger": N_("Zoom in"),
    "smaller": N_("Zoom out"),
    "whole": N_("Whole picture"),
    "blink": N_("Blink"),
}
_TITLES = {
    "map": N_("Map of both runs"),
    "everywhere": N_("Shows this map everywhere on the page, and in the numbers and files"),
    "opacity": N_("Opacity of the hottest place"),
    "more": N_("Colours, threshold, cells, scale"),
    "colormap": N_("Colours; perceptually even ones first"),
    "threshold": N_("Heat below this share of the top of the scale is not coloured"),
    "cells": N_("Between the centres of cells"),
    "scale": N_("What the brightest colour stands for"),
    "even": N_("One opacity everywhere, instead of one that follows the heat"),
    "at": N_("Edge between the two maps"),
}
_OPTIONS = {
    "cells": {"smooth": N_("smooth"), "blocky": N_("as they are"), "raw": N_("heat alone")},
    "scale": {"own": N_("each map its own"), "common": N_("one for all layers")},
}


@dataclass(frozen=True, eq=False)
class Side:
    """One of the pictures.

    Attributes:
        pixels: uint8 RGB, what its maps are laid over.
        maps: those that can be chosen.
        titles: what stands above each of them.
    """

    pixels: np.ndarray
    maps: Sequence[AnyMap]
    titles: Sequence[str]


def reel(
    sides: Sequence[Side], choices: Sequence[tuple[int | str, str]], letters: Sequence[str], *, swipes: bool
) -> bytes:
    """What the component draws, with words in the language that is spoken.

    Args:
        choices: what can be looked at, and what it is called: for each, every side has one map.
        letters: of the two runs.
        swipes: whether the first side lies over the second, too, with an edge to drag.
    """
    packets = [pack(each.pixels, each.maps, {"sinks": [], "truth": []}, with_errors=False) for each in sides]
    shown = [
        {"value": value, "title": title, "titles": titles}
        for (value, title), titles in zip(choices, zip(*(each.titles for each in sides), strict=True), strict=True)
    ]
    head = {
        "choices": shown,
        "letters": list(letters),
        "shared": same_shape(sides),
        "swipes": swipes,
        "usual": {"opacity": OPACITY, "colormap": DEFAULT_COLORMAP},
        "words": _said(_WORDS)
        | {
            "labels": _said(_LABELS),
            "buttons": _said(_BUTTONS),
            "titles": _said(_TITLES),
            "options": {name: _said(options) for name, options in _OPTIONS.items()},
        },
    }
    return bound(head, packets)


def panes_view(data: bytes, key: str, on_show: Callable[[], None]) -> None:
    """The panes.

    Args:
        data: as of `reel`.
        key: of the component, whose "map" is the choice that the whole page shall show when `on_show` is called.
    """
    _component(key=key, data=data, on_map_change=on_show)


def same_shape(sides: Sequence[Side]) -> bool:
    """Whether a point of one picture is the same point in every other."""
    shapes = [each.pixels.shape[0] / each.pixels.shape[1] for each in sides]
    return max(shapes) - min(shapes) < 0.01


def _said(words: dict[str, str]) -> dict[str, str]:
    return {name: _(text) for name, text in words.items()}
