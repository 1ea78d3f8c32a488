"""All layers of a run as tiles; a click, or Enter, looks at that layer.

A component of their own, since Streamlit's pictures cannot be clicked. It gets pictures, whole numbers and a word of
ours, no text of people.
"""

from functools import partial
from pathlib import Path

import streamlit as st

from core.rendering.encoding import data_uri
from core.schema.model_parts import PARTS
from dashboard.loaded_run import LoadedRun
from dashboard.memo import memoised
from dashboard.ui import images
from dashboard.ui.viewer import scrubber
from dashboard.ui.viewer.view import View

TILE = 190
"""Longer side, in pixels, of a map among all layers."""
_KEY = "tiles"
_HERE = Path(__file__)

_component = st.components.v2.component(
    "smooth_gradcam_tiles",
    html='<div class="tiles" role="group" aria-label="All layers"></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def tiles_panel(run: LoadedRun, view: View) -> None:
    """The tiles, as the view draws them."""
    if not run.result.layers:
        st.info("This method gives one map, not one for each layer. Choose another method to see the layers.")
        return
    st.caption(
        f"Click a {PARTS[run.request.part].one} to look at it. The colour scale above makes their strength comparable, "
        "or each its own."
    )
    with st.container(key="all-layers"):
        _component(key=_KEY, data=tiles_of(run, view), on_layer_change=partial(_chosen, run))


def tiles_of(run: LoadedRun, view: View) -> dict:
    """What the component draws. Which layer is on display is not in it: what stays the same is not sent again."""
    key = None if view.key is None else ("tiles", view.key)
    pictures = memoised(run.result, key, lambda: _draw(run, view))
    tiles = [{"layer": layer, "picture": picture} for layer, picture in zip(run.result.layers, pictures, strict=True)]
    width = images.picture_width(run.chosen.picture.size, TILE, TILE)
    return {"width": width, "word": PARTS[run.request.part].one, "tiles": tiles}


def _draw(run: LoadedRun, view: View) -> list[str]:
    pixels = images.small(run, TILE)
    return [data_uri(view.draw(pixels, run.result, layer)) for layer in run.result.layers]


def _chosen(run: LoadedRun) -> None:
    layer = st.session_state[_KEY].get("layer")
    if type(layer) is int and layer in run.result.layers:
        scrubber.go_to(layer)
