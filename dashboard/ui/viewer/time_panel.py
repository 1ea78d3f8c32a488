"""How a video's heat is shared out over time: the map that was asked for, and all layers at once.

Neither depends on the view, so that scrubbing sends nothing to the server; the viewer itself has the line of the map on
display.
"""

import numpy as np
import streamlit as st

from core import ExplainResult
from core.rendering.overlay import DEFAULT_COLORMAP
from core.schema.model_parts import PARTS
from dashboard.charts.base import RUN_COLOURS
from dashboard.charts.over_time import TimeLine, depth_and_time_figure, share_figure
from dashboard.language import _
from dashboard.loaded_run import LoadedRun
from dashboard.ui.drawing.maps import ShownMap, first_map
from dashboard.ui.drawing.time_shares import time_shares
from dashboard.ui.viewer.view import View


def time_panel(run: LoadedRun) -> None:
    """The charts, and how to read them."""
    first, steps = first_map(run.result), run.result.steps
    shown, view = time_shares(first), View(first.layer, method=first.method, part=run.request.part)
    line = TimeLine(view.title(run.result), RUN_COLOURS[0], steps, shown.shares, shown.errors)
    st.markdown(_("**{map}** over time", map=line.label))
    st.plotly_chart(
        share_figure([line]),
        key="time-chart",
        config={"displaylogo": False},
        alt=_("Share of the heat in each time step of the video"),
    )
    st.caption(
        _(
            "All heat of the map is 1; each point is the part of it that lies in one time step, in any place of the "
            "picture. The band is one standard error over the noise samples."
        )
    )
    _over_depth(run.result)


def _over_depth(result: ExplainResult) -> None:
    if len(result.layers) < 2:
        return
    shares = np.stack([time_shares(ShownMap(result.request.method, layer, result)).shares for layer in result.layers])
    st.markdown(_("**Every layer** over time"))
    axis = _(PARTS[result.request.part].axis)
    st.plotly_chart(
        depth_and_time_figure(shares, result.layers, result.steps, axis, DEFAULT_COLORMAP),
        key="depth-and-time-chart",
        config={"displaylogo": False},
        alt=_("Share of each layer's heat in each time step of the video"),
    )
    st.caption(_("Each row is one layer, whose shares sum to 1: where its heat lies in time."))
