"""Results -> plotly figures. Colours are chosen to read on light and dark pages alike."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core import METHODS, ExplainResult
from core.concentration import STATISTICS, progression
from core.layers import thirds
from core.render import colorize
from dashboard.kept import kept

RUN_COLOURS = ("#2a8fbd", "#e08a1e", "#2fa37c", "#c2569b", "#8f7ad6", "#a8902b", "#d1603d", "#6f8496")
"""One per run of Compare, in the order in which they were chosen."""

_GREY = "rgba(128,140,150,0.9)"
_SHADES = {
    "early": "rgba(128,140,150,0.05)",
    "middle": "rgba(128,140,150,0.12)",
    "late": "rgba(128,140,150,0.20)",
}
_BELOW = 122
"""Height in pixels of what stands around the cells of a raw map: its axis below, and the colour bar."""
_AXES = {
    "entropy": "H(p) / log N, 0 to 1",
    "gini": "Gini, 0 to 1",
    "top_share": "share of the heat, 0.1 to 1",
}


@dataclass(frozen=True, eq=False)
class Curve:
    """One run in a chart over depth."""

    label: str
    result: ExplainResult
    colour: str


def plain(text: str, longest: int = 48) -> str:
    """Text of people or models for a chart: cut, on one line, none of it read as markup."""
    line = " ".join(text.split())
    return html.escape(line if len(line) <= longest else line[: longest - 1] + "…", quote=False)


def heat_figure(
    result: ExplainResult,
    layer: int | None,
    colormap: str,
    maximum: float | None = None,
    is_narrow: bool = False,
) -> go.Figure:
    """The raw heat of a layer, or (None) of the only map: square cells, hover values, a colour bar with its unit.

    Args:
        colormap: a name of `core.render.COLORMAPS`.
        maximum: top of the colour scale; None for the layer's own maximum.
        is_narrow: whether it stands beside two other pictures: lower, so that no gap remains around its cells.
    """
    heat = result.at(layer)
    stderr = result.stderr_at(layer)
    known = np.isfinite(stderr).all()
    hover = "row %{y}, column %{x}<br>heat %{z:.4g}"
    figure = go.Figure(
        go.Heatmap(
            z=heat,
            customdata=stderr if known else None,
            hovertemplate=hover + (" ± %{customdata:.2g}" if known else "") + "<extra></extra>",
            colorscale=_colour_scale(colormap),
            zmin=0,
            zmax=(float(heat.max()) if maximum is None else maximum) or 1.0,
            colorbar={
                "title": {"text": METHODS[result.request.method].heat_unit, "side": "bottom", "font": {"size": 12}},
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
    figure.update_xaxes(title="column", constrain="domain", showgrid=False, zeroline=False)
    figure.update_yaxes(
        title="row",
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
        autorange="reversed",
        showgrid=False,
        zeroline=False,
    )
    rows, columns = result.grid
    height = _BELOW + min(430, max(90, (260 if is_narrow else 380) * rows / columns))
    figure.update_layout(margin={"l": 8, "r": 8, "t": 8, "b": _BELOW - 8}, height=height)
    return figure


@cache
def _colour_scale(colormap: str) -> list[tuple[float, str]]:
    # The overlay's own colours. Written as rgb(): Streamlit's theme takes hex colours near black, with
    # which plotly's own scales begin, for its placeholders, and puts other colours in their place.
    steps = np.linspace(0, 1, 64)
    return [
        (float(at), f"rgb{tuple(map(int, rgb))}")
        for at, rgb in zip(steps, colorize(steps[None], colormap)[0], strict=True)
    ]


def depth_figure(curves: Sequence[Curve], marked_layer: int | None = None) -> go.Figure:
    """Every statistic of concentration over depth, one line a run, thirds of the depth shaded.

    Runs of models with different numbers of layers share a relative axis, 0 for the first layer and
    1 for the last.
    """
    depths = {curve.result.total_layers for curve in curves}
    relative = len(depths) > 1
    titles = [statistic.title for statistic in STATISTICS.values()]
    figure = make_subplots(1, len(titles), subplot_titles=titles, shared_xaxes="all", horizontal_spacing=0.09)
    for curve in curves:
        values = kept(curve.result, "progression", partial(progression, curve.result.heat))
        x = [_position(layer, curve.result.total_layers, relative) for layer in curve.result.layers]
        for column, name in enumerate(STATISTICS, 1):
            figure.add_trace(
                go.Scatter(
                    x=x,
                    y=values[name],
                    name=curve.label,
                    legendgroup=curve.label,
                    showlegend=column == 1 and len(curves) > 1,
                    mode="lines+markers",
                    line={"color": curve.colour, "width": 2},
                    marker={"size": 6},
                    customdata=list(curve.result.layers),
                    hovertemplate="layer %{customdata}: %{y:.3f}<extra>" + curve.label + "</extra>",
                ),
                row=1,
                col=column,
            )
    total = max(depths)
    shapes, words = _thirds(total, relative, len(titles))
    if marked_layer is not None:
        at = _position(marked_layer, total, relative)
        line = {"color": _GREY, "width": 1.5, "dash": "dot"}
        shapes += [_shape("line", at, at, column) | {"line": line} for column in range(1, len(titles) + 1)]
    for column, name in enumerate(STATISTICS, 1):
        figure.update_yaxes(title=_AXES[name], rangemode="tozero", row=1, col=column)
    axis = "relative depth, first layer 0, last layer 1" if relative else "decoder layer"
    # Whole numbers: there is no layer 2.5.
    ticks = {} if relative else {"tickmode": "linear", "dtick": max(1, -(-total // 8)), "tick0": 0}
    figure.update_xaxes(title=axis, range=[-0.03, 1.03] if relative else [-0.5, total - 0.5], showgrid=False, **ticks)
    figure.update_layout(
        shapes=shapes,
        annotations=[title.to_plotly_json() for title in figure.layout.annotations] + words,
        height=384 + 22 * (len(curves) if len(curves) > 1 else 0),
        margin={"l": 8, "r": 8, "t": 64, "b": 8},
        legend={
            "orientation": "h",
            "yanchor": "top",
            "y": -0.24,
            "xanchor": "left",
            "x": 0,
            "itemsizing": "constant",
        },
        hovermode="closest",
    )
    return figure


def _position(layer: int, total: int, relative: bool) -> float:
    return layer / max(1, total - 1) if relative else layer


def _thirds(total: int, relative: bool, columns: int) -> tuple[list[dict], list[dict]]:
    """Shades and names of the thirds for every subplot, as plain dictionaries.

    `Figure.add_vrect` would say it shorter, but checks the whole figure for each rectangle: 100 ms a chart.
    """
    shapes, words = [], []
    for name, layers in thirds(total).items():
        if not layers:
            continue
        left = _position(layers[0], total, relative) if relative else layers[0] - 0.5
        right = _position(layers[-1] + 1, total, relative) if relative else layers[-1] + 0.5
        right = min(right, 1.0) if relative else right
        is_last = name == "late"
        for column in range(1, columns + 1):
            shape = _shape("rect", left, right, column)
            shapes.append(shape | {"fillcolor": _SHADES[name], "line": {"width": 0}, "layer": "below"})
            words.append(
                {
                    "text": name,
                    "font": {"size": 11, "color": _GREY},
                    "showarrow": False,
                    "xref": shape["xref"],
                    "yref": shape["yref"],
                    "x": right if is_last else left,
                    "y": 0,
                    "xanchor": "right" if is_last else "left",
                    "yanchor": "bottom",
                }
            )
    return shapes, words


def _shape(kind: str, left: float, right: float, column: int) -> dict:
    axis = "" if column == 1 else str(column)
    return {
        "type": kind,
        "xref": f"x{axis}",
        "yref": f"y{axis} domain",
        "x0": left,
        "x1": right,
        "y0": 0,
        "y1": 1,
    }
