"""Two maps of one picture and their difference -> one plotly figure whose panels zoom and pan together."""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.rendering.difference import STOPS, largest
from core.rendering.encoding import data_uri
from dashboard.language import _

_CLEAR = [[0, "rgba(0,0,0,0)"], [1, "rgba(0,0,0,0)"]]
# As rgb(), since Streamlit's theme replaces some hex colours.
DIVERGING = [[at, f"rgb({red},{green},{blue})"] for at, (red, green, blue) in STOPS]
"""Blue below zero, white at it, red above."""


_ROOM = 160
"""Pixels above and below the panels: titles, axes and the colour bar."""


@dataclass(frozen=True, eq=False)
class Pane:
    """One panel.

    Attributes:
        title: read as markup, see `charts.base.plain`.
        pixels: uint8 RGB, what is seen.
        heat: [grid_h, grid_w], what pointing at a cell says.
        is_difference: whether `heat` is drawn in colour over the pixels, on a scale centred at zero.
        unit: of `heat`.
    """

    title: str
    pixels: np.ndarray
    heat: np.ndarray
    is_difference: bool = False
    unit: str = "heat"

    @property
    def top(self) -> float:
        """The largest amount, or 1 where all is 0: where a scale centred at zero ends."""
        return largest(self.heat)


def _shapes(panes: list[Pane]) -> list[float]:
    return [pane.pixels.shape[0] / pane.pixels.shape[1] for pane in panes]


def panes_figure(panes: list[Pane]) -> go.Figure:
    """The panes side by side, in picture coordinates: 0 to 1 from the left, and from the top.

    Panes of one shape share zoom and pan; pictures of different shapes cannot.
    """
    shapes = _shapes(panes)
    is_shared = max(shapes) - min(shapes) < 0.01
    figure = make_subplots(1, len(panes), subplot_titles=[pane.title for pane in panes], horizontal_spacing=0.04)
    for column, (pane, shape) in enumerate(zip(panes, shapes, strict=True), 1):
        figure.add_trace(_cells(pane), row=1, col=column)
        axis = "" if column == 1 else str(column)
        figure.add_layout_image(
            source=data_uri(pane.pixels),
            xref=f"x{axis}",
            yref=f"y{axis}",
            x=0,
            y=0,
            sizex=1,
            sizey=1,
            sizing="stretch",
            layer="below",
        )
        # Of axes that move together, the first holds the shape.
        follows = is_shared and column > 1
        x_rule = {"matches": "x"} if follows else {}
        y_rule = {"matches": "y"} if follows else {"scaleanchor": f"x{axis}", "scaleratio": shape}
        figure.update_xaxes(range=[0, 1], constrain="domain", title=_("x, picture widths"), row=1, col=column, **x_rule)
        figure.update_yaxes(range=[1, 0], constrain="domain", row=1, col=column, **y_rule)
    figure.update_xaxes(showgrid=False, zeroline=False, nticks=6)
    figure.update_yaxes(showgrid=False, zeroline=False, nticks=6)
    figure.update_yaxes(title=_("y, picture heights"), row=1, col=1)
    figure.update_layout(
        height=_ROOM + round(min(480, max(120, 1260 / len(panes) * max(shapes)))),
        margin={"l": 8, "r": 8, "t": 36, "b": _ROOM - 36},
        dragmode="zoom",
    )
    return figure


def _cells(pane: Pane) -> go.Heatmap:
    rows, columns = pane.heat.shape
    common = {
        "z": pane.heat,
        "x": (np.arange(columns) + 0.5) / columns,
        "y": (np.arange(rows) + 0.5) / rows,
        "hovertemplate": f"x %{{x:.2f}}, y %{{y:.2f}}<br>{_(pane.unit)} %{{z:.4g}}<extra></extra>",
    }
    if not pane.is_difference:
        return go.Heatmap(**common, colorscale=_CLEAR, showscale=False)
    return go.Heatmap(
        **common,
        colorscale=DIVERGING,
        zmin=-pane.top,
        zmid=0,
        zmax=pane.top,
        opacity=0.72,
        colorbar={
            "title": {"text": _(pane.unit), "side": "bottom", "font": {"size": 12}},
            "orientation": "h",
            # At the figure's lower edge, whatever height the panels take.
            "yref": "container",
            "yanchor": "bottom",
            "y": 0,
            "x": 1,
            "xanchor": "right",
            "len": 0.32,
            "thickness": 12,
            "nticks": 5,
        },
    )
