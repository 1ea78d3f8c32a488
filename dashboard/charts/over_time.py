"""How the heat of videos is shared out over time -> plotly figures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.rendering.overlay import DEFAULT_COLORMAP
from core.schema.time_steps import TimeStep
from dashboard.charts.base import band, colour_scale
from dashboard.charts.depth_axes import GREY
from dashboard.language import _


@dataclass(frozen=True, eq=False)
class TimeLine:
    """One map over time.

    Attributes:
        label: its name; it is read as markup, see `charts.base.plain`.
        steps: what each share is of.
        shares: float [steps] of the map's heat, 0 to 1.
        errors: likewise, their standard errors; None where there are none.
    """

    label: str
    colour: str
    steps: tuple[TimeStep, ...]
    shares: np.ndarray
    errors: np.ndarray | None = None


def share_figure(lines: Sequence[TimeLine], marked: TimeStep | None = None) -> go.Figure:
    """The share of the heat in each time step, in seconds of the video, a line each with a band of its standard error.

    Args:
        marked: the step on display, shaded.
    """
    figure = go.Figure()
    for line in lines:
        middles = [step.middle for step in line.steps]
        error = line.errors
        if error is not None:
            lower, upper = np.maximum(line.shares - error, 0), line.shares + error
            figure.add_trace(band(middles, lower, upper, line.colour, line.label))
        said = [
            [step.start, step.end, "" if error is None else f" ± {100 * each:.2g}"]
            for step, each in zip(line.steps, np.zeros(len(middles)) if error is None else error, strict=True)
        ]
        figure.add_trace(
            go.Scatter(
                x=middles,
                y=line.shares,
                name=line.label,
                legendgroup=line.label,
                mode="lines+markers",
                line={"color": line.colour, "width": 2},
                marker={"size": 6},
                customdata=[
                    [start, end, f"{100 * share:.3g}{more}"]
                    for (start, end, more), share in zip(said, line.shares, strict=True)
                ],
                hovertemplate=_(
                    "{start} to {end} s: {share} % of the heat",
                    start="%{customdata[0]:.4~g}",
                    end="%{customdata[1]:.4~g}",
                    share="%{customdata[2]}",
                )
                + "<extra></extra>",
                showlegend=len(lines) > 1,
            )
        )
    if marked is not None:
        figure.add_vrect(marked.start, marked.end, fillcolor=GREY, opacity=0.2, line_width=0)
    rows = len(lines) if len(lines) > 1 else 0
    figure.update_xaxes(title=_("seconds of the video"), showgrid=False, rangemode="tozero")
    figure.update_yaxes(title=_("share of the heat, 0 to 1"), rangemode="tozero")
    figure.update_layout(
        height=320 + 22 * rows,
        margin={"l": 8, "r": 8, "t": 32, "b": 8},
        legend={"orientation": "h", "yanchor": "top", "y": -0.25, "xanchor": "left", "x": 0},
        hovermode="closest",
    )
    return figure


def rows_over_time_figure(
    shares: np.ndarray, rows: Sequence[str], steps: Sequence[TimeStep], axis: str, every: int = 1
) -> go.Figure:
    """The shares of several maps at once: a row of cells for each map, a column for each step.

    Args:
        shares: [rows, steps], 0 to 1.
        rows: what each is called; read as markup, see `charts.base.plain`.
        axis: what they are.
        every: of how many rows one is named beside the chart.
    """
    hover = _("{row}, from {start} s: {share} of its heat", row="%{customdata}", start="%{x:.4~g}", share="%{z:.1%}")
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            # Edges of the cells, for steps may differ in length.
            x=[*(step.start for step in steps), steps[-1].end],
            y=[number - 0.5 for number in range(len(rows) + 1)],
            customdata=[[row] * len(steps) for row in rows],
            hovertemplate=hover + "<extra></extra>",
            colorscale=colour_scale(DEFAULT_COLORMAP),
            zmin=0,
            colorbar={"title": {"text": _("share"), "side": "right"}, "thickness": 12, "tickformat": ".0%"},
        )
    )
    named = range(0, len(rows), every)
    figure.update_xaxes(title=_("seconds of the video"), showgrid=False)
    figure.update_yaxes(title=axis, tickvals=list(named), ticktext=[rows[number] for number in named], showgrid=False)
    figure.update_layout(height=min(600, 150 + 18 * len(rows)), margin={"l": 8, "r": 8, "t": 32, "b": 8})
    return figure
