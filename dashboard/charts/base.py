"""Results -> plotly figures. Colours are chosen to read on light and dark pages alike."""

import html
from collections.abc import Sequence
from functools import cache

import numpy as np
import plotly.graph_objects as go

from core import ExplainResult
from core.rendering.overlay import colorize
from dashboard.formatting import short
from dashboard.language import _

RUN_COLOURS = ("#2a8fbd", "#e08a1e", "#2fa37c", "#c2569b", "#8f7ad6", "#a8902b", "#d1603d", "#6f8496")
"""One per run of Compare, in the order in which they were chosen."""

RUN_LETTERS = "ABCDEFGH"
"""What these runs are called beside each other."""

_ABOVE, _BELOW = 32, 114
"""Height in pixels of what stands around the cells of a raw map: the chart's own buttons above, which would lie on
the first row, and below its axis and the colour bar."""


def plain(text: str, longest: int = 48) -> str:
    """Text of people or models for a chart: cut, on one line, none of it read as markup."""
    return html.escape(short(text, longest), quote=False)


def heat_figure(
    result: ExplainResult,
    layer: int | None,
    colormap: str,
    maximum: float | None = None,
    is_narrow: bool = False,
) -> go.Figure:
    """The raw heat of a layer, or (None) of the only map: square cells, hover values, a colour bar with its unit.

    Args:
        colormap: a name of `core.rendering.overlay.COLORMAPS`.
        maximum: top of the colour scale; None for the layer's own maximum.
        is_narrow: whether it stands beside two other pictures: lower, so that no gap remains around its cells.
    """
    heat = result.at(layer)
    stderr = result.stderr_at(layer)
    known = np.isfinite(stderr).all()
    cell = {"row": "%{y}", "column": "%{x}", "heat": "%{z:.4g}"}
    hover = _("row {row}, column {column}<br>heat {heat}", **cell)
    if known:
        hover = _("row {row}, column {column}<br>heat {heat} ± {error}", **cell, error="%{customdata:.2g}")
    figure = go.Figure(
        go.Heatmap(
            z=heat,
            customdata=stderr if known else None,
            hovertemplate=hover + "<extra></extra>",
            colorscale=colour_scale(colormap),
            zmin=0,
            zmax=(float(heat.max()) if maximum is None else maximum) or 1.0,
            colorbar={
                "title": {"text": _(result.request.heat_unit), "side": "bottom", "font": {"size": 12}},
                "orientation": "h",
                "yref": "container",  # from the bottom: a share of the cells' height may meet the axis' title
                "yanchor": "bottom",
                "y": 0.01,
                "thickness": 12,
                "exponentformat": "power",
                "nticks": 6,
            },
        )
    )
    figure.update_xaxes(title=_("column"), constrain="domain", showgrid=False, zeroline=False)
    figure.update_yaxes(
        title=_("row"),
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    rows, columns = result.grid
    height = _ABOVE + _BELOW + min(430, max(90, (260 if is_narrow else 380) * rows / columns))
    figure.update_layout(margin={"l": 8, "r": 8, "t": _ABOVE, "b": _BELOW}, height=height)
    return figure


@cache
def colour_scale(colormap: str) -> list[tuple[float, str]]:
    """A colour map of the overlays for plotly."""
    # The overlay's own colours. Written as rgb(): Streamlit's theme takes hex colours near black, with
    # which plotly's own scales begin, for its placeholders, and puts other colours in their place.
    steps = np.linspace(0, 1, 64)
    return [
        (float(at), f"rgb{tuple(map(int, rgb))}")
        for at, rgb in zip(steps, colorize(steps[None], colormap)[0], strict=True)
    ]


def band(
    x: Sequence[float], lower: Sequence[float], upper: Sequence[float], colour: str, group: str, opacity: float = 0.2
) -> go.Scatter:
    """What lies between two lines, shown and hidden with the lines of its legend's group."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return go.Scatter(
        x=[*x, *reversed(list(x))],
        y=np.concatenate([upper, lower[::-1]]),
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},{opacity})",
        line={"width": 0},
        mode="lines",
        legendgroup=group,
        showlegend=False,
        hoverinfo="skip",
    )
