"""The picture on which a region is drawn -> a plotly figure."""

import numpy as np
import plotly.graph_objects as go

from core.analysis.regions import Region
from core.rendering.encoding import data_uri
from core.rendering.overlay import fit
from dashboard.language import _
from dashboard.ui import images
from dashboard.ui.compare.measures import Compared

_SIDE = 720
_CORNERS = 40
"""Invisible points in each direction: without any, nothing counts as selected."""


def canvas_figure(canvas: Compared, region: Region | None) -> go.Figure:
    """The picture with the region on it, in picture coordinates, ready to be drawn on."""
    pixels = fit(images.preview(canvas.run), _SIDE)
    height, width = pixels.shape[:2]
    x, y = (each.ravel() for each in np.meshgrid(*[np.linspace(0, 1, _CORNERS)] * 2))
    figure = go.Figure(go.Scatter(x=x, y=y, mode="markers", marker={"size": 1, "opacity": 0}, hoverinfo="skip"))
    # A selection fades what is not in it: not here, where the points only make it count.
    figure.update_traces(selected={"marker": {"opacity": 0}}, unselected={"marker": {"opacity": 0}})
    figure.add_layout_image(
        source=data_uri(pixels), xref="x", yref="y", x=0, y=0, sizex=1, sizey=1, sizing="stretch", layer="below"
    )
    if region is not None:
        path = "M" + "L".join(f"{x},{y}" for x, y in region.outline) + "Z"
        for colour, thick in (("rgb(0,0,0)", 4), ("rgb(255,255,255)", 2)):
            figure.add_shape(type="path", path=path, xref="x", yref="y", line={"color": colour, "width": thick})
    figure.update_xaxes(range=[0, 1], constrain="domain", showgrid=False, zeroline=False, title=_("x, picture widths"))
    figure.update_yaxes(
        range=[1, 0],
        constrain="domain",
        showgrid=False,
        zeroline=False,
        scaleanchor="x",
        scaleratio=height / width,
        title=_("y, picture heights"),
    )
    figure.update_layout(
        height=90 + round(min(480, 420 * height / width)),
        margin={"l": 8, "r": 8, "t": 32, "b": 8},
        dragmode="select",
        showlegend=False,
    )
    return figure
