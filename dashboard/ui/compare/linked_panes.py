"""Pictures side by side that are looked at closely together: zoomed and moved as one, whichever layer they show.

A component of its own: Streamlit mounts a plotly chart anew when its pictures change, and the zoom is gone. It gets
pictures, numbers, and titles of letters and layers; no text of people.
"""

import base64
from pathlib import Path

import numpy as np
import streamlit as st

from core.rendering.encoding import data_uri
from core.rendering.overlay import enlarge
from dashboard.charts.pair import DIVERGING, Pane, same_shape

OPACITY = 0.72
"""Of a difference's colours over its picture."""
_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_panes",
    html='<div class="panes"><div class="row"></div><div class="bar"><button type="button">Zoom in</button>'
    '<button type="button">Zoom out</button><button type="button">Whole picture</button></div></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def panes_view(panes: list[Pane]) -> None:
    """The panes; those of one shape move together."""
    with st.container(key="pair-view"):
        _component(key="pair-panes", data={"shared": same_shape(panes), "panes": [_told(pane) for pane in panes]})


def painted(pane: Pane) -> np.ndarray:
    """What is seen of a pane, uint8 RGB: a difference in colours, cell by cell, over its picture."""
    if not pane.is_difference:
        return pane.pixels
    height, width = pane.pixels.shape[:2]
    heat = enlarge(pane.heat.astype(np.float32) / pane.top, (width, height), smooth=False)
    stops = [stop for stop, _ in DIVERGING]
    colours = np.array([[int(part) for part in rgb[4:-1].split(",")] for _, rgb in DIVERGING])
    shades = np.stack([np.interp(np.linspace(0, 1, 256), stops, channel) for channel in colours.T], -1)
    coloured = shades[np.round((np.clip(heat, -1, 1) + 1) * 127.5).astype(int)]
    return np.round(OPACITY * coloured + (1 - OPACITY) * pane.pixels).astype(np.uint8)


def _told(pane: Pane) -> dict:
    rows, columns = pane.heat.shape
    colours = ", ".join(f"{rgb} {stop:.0%}" for stop, rgb in DIVERGING)
    return {
        "title": pane.title,
        "picture": data_uri(painted(pane)),
        "ratio": round(pane.pixels.shape[1] / pane.pixels.shape[0], 4),
        "heat": base64.b64encode(np.ascontiguousarray(pane.heat, "<f4").tobytes()).decode(),
        "rows": rows,
        "columns": columns,
        "unit": pane.unit,
        "difference": pane.is_difference,
        "top": pane.top,
        "colours": f"linear-gradient(to right, {colours})",
    }
