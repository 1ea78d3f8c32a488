"""A picture that tells where it is clicked: Streamlit's own does not.

A component of its own, which gets a picture, numbers and a description of ours. What it sends back is checked here like
anything from outside.
"""

import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from core.rendering.encoding import data_uri
from dashboard.session import clicks

_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_picture_click",
    html='<div class="around"><img><div class="frame" hidden></div></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)

Box = tuple[float, float, float, float]
"""Left, top, width and height, in parts of a picture."""


def picture_click(
    pixels: np.ndarray, alt: str, key: str, on_place: Callable[[float, float], None], box: Box | None = None
) -> None:
    """Shows a picture; a click on it calls a function with the place, 0 to 1 from its left and top.

    What clicks do must be reachable by other widgets as well, for whoever has no mouse.

    Args:
        pixels: uint8 RGB, at the size in which it is shown where there is room.
        on_place: called before the page is drawn again; it may put values of widgets into the session.
        box: of a frame in it; None for none.
    """
    data = {"src": data_uri(pixels), "alt": alt, "box": box}
    _component(key=key, data=data, on_place_change=partial(_told, key, on_place))


@clicks.whole
def _told(key: str, on_place: Callable[[float, float], None]) -> None:
    place = st.session_state[key].get("place")
    if (found := checked_place(place)) is not None:
        on_place(*found)


def checked_place(told: Any) -> tuple[float, float] | None:
    """A place that a browser tells; None where it is none."""
    values = [told.get(name) for name in ("x", "y")] if hasattr(told, "get") else []
    if len(values) != 2 or any(type(each) not in (int, float) or not math.isfinite(each) for each in values):
        return None
    return (float(values[0]), float(values[1])) if all(0 <= each <= 1 for each in values) else None
