"""The layer on display as a line in a chart over depth, which is a chart of all layers and stays as it is.

Streamlit mounts a chart anew whenever anything in it has changed: a line in the figure would cost drawing fifteen
panels for every layer, and whoever had zoomed in would be thrown out. A component of its own draws the line over the
chart and hears of clicks on points. It gets numbers, and the name of a chart.
"""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from dashboard.charts.depth import DepthLine
from dashboard.charts.depth_axes import axis_value
from dashboard.session import clicks, keys

_component = st.components.v2.component(
    "smooth_gradcam_layer_marker",
    html='<div class="marker"></div>',
    js=Path(__file__).with_suffix(".js").read_text("utf-8"),
)


def layer_cursor(chart: str, lines: Sequence[DepthLine], layer: int | None) -> None:
    """Marks a layer in every panel of a chart; a click on a point goes to its layer, everywhere on the page.

    Args:
        chart: key of the chart.
        lines: what it shows.
        layer: None for no mark.
    """
    depths = {line.total for line in lines}
    at = None if layer is None else axis_value(layer, max(depths), len(depths) > 1)
    layers = {each for line in lines for each in line.layers}
    key = f"{chart}-marker"
    _component(key=key, data={"chart": chart, "at": at}, on_layer_change=partial(go_to_layer, key, layers))


@clicks.whole
def go_to_layer(key: str, layers: Collection[int]) -> None:
    """Shows everywhere on the page the layer that a component reports, if it is one of these. For callbacks.

    Args:
        key: of the component.
    """
    layer = st.session_state[key].get("layer")
    if type(layer) is int and layer in layers:
        st.session_state[keys.CompareKey.LAYER] = layer
