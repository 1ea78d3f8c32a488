"""Two maps over each other, with an edge to drag between them, or blinking.

A component of its own, so that the edge follows the pointer without the server. It gets pictures and letters, no text
of people.
"""

from pathlib import Path

import numpy as np
import streamlit as st

from core.rendering.encoding import data_uri

_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_swipe",
    html='<div class="swipe"><div class="frame"><img><img class="over"><div class="edge"></div></div>'
    '<div class="bar"><span class="left"></span>'
    '<input type="range" min="0" max="100" value="50" aria-label="Edge between the two maps">'
    '<span class="right"></span><button type="button" aria-pressed="false">Blink</button></div></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def swipe(first: tuple[str, np.ndarray], second: tuple[str, np.ndarray], width: int) -> None:
    """Two pictures of one size, each with its letter; the first is seen at the left of the edge."""
    told = [{"name": name, "picture": data_uri(pixels)} for name, pixels in (first, second)]
    with st.container(key="swipe"):
        _component(key="swipe-view", data={"first": told[0], "second": told[1], "width": width})
