"""Statistics over depth -> plotly figures: lines a run, their standard errors, the median of several."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core import ExplainResult
from core.analysis.concentration import HEADLINE, STATISTICS, Statistic, progression
from core.schema.model_parts import PARTS, Part
from dashboard.charts.base import band
from dashboard.charts.depth_axes import GREY, axis_value, panel_shape, shaded_thirds
from dashboard.language import N_, _, counted
from dashboard.memo import memoised

_POINT: dict[Part, str] = {"decoder": N_("layer {number}: {value}"), "tower": N_("block {number}: {value}")}
_MEDIAN = "rgb(128,140,150)"


@dataclass(frozen=True, eq=False)
class DepthLine:
    """One run over depth.

    Attributes:
        label: its name; it is read as markup, see `charts.base.plain`.
        layers: those that it holds.
        total: layers of that part of its model.
        values: name of a statistic -> float [layers]; NaN where it has none.
        errors: likewise, its standard error; a statistic may lack one.
        part: of the model, what the layers are of.
        name: its name in files that programs read: English, whatever is spoken; "" for the label.
    """

    label: str
    colour: str
    layers: tuple[int, ...]
    total: int
    values: dict[str, np.ndarray]
    errors: dict[str, np.ndarray] = field(default_factory=dict)
    part: Part = "decoder"
    name: str = ""

    @property
    def depth(self) -> tuple[Part, int]:
        """What its layers are counted in: lines of different depths share a relative axis alone."""
        return self.part, self.total

    @classmethod
    def of(cls, label: str, result: ExplainResult, colour: str) -> "DepthLine":
        """The headline statistics of a result, without errors."""
        return cls(
            label,
            colour,
            result.layers,
            result.total_layers,
            memoised(result, "progression", partial(progression, result.heat, axes=3 if result.steps else 2)),
            part=result.request.part,
        )

    def less(self, base: "DepthLine") -> "DepthLine":
        """What this run has more than another, at the layers of both; errors add as of independent runs."""
        layers = tuple(layer for layer in self.layers if layer in base.layers)
        mine, theirs = ([each.layers.index(layer) for layer in layers] for each in (self, base))
        errors = {
            name: np.hypot(self.errors[name][mine], base.errors[name][theirs])
            for name in self.errors
            if name in base.errors
        }
        values = {name: self.values[name][mine] - base.values[name][theirs] for name in self.values}
        return DepthLine(self.label, self.colour, layers, self.total, values, errors, self.part, self.name)


def depth_figure(
    lines: Sequence[DepthLine],
    marked_layer: int | None = None,
    statistics: Sequence[Statistic] = tuple(STATISTICS[name] for name in HEADLINE),
    columns: int = 3,
    with_errors: bool = False,
    with_median: bool = False,
    base: str | None = None,
) -> go.Figure:
    """Statistics over depth, a panel each, one line a run, thirds of the depth shaded.

    Runs of models with different numbers of layers, or of different parts of a model, share a relative axis, 0
    for the first layer and 1 for the last.

    Args:
        with_errors: draws a band of one standard error to either side, where it is known.
        with_median: draws median and quartiles of the runs, and their own lines faintly.
        base: name of the run that was taken off each, for the axes.
    """
    depths = {line.depth for line in lines}
    relative, total = len(depths) > 1, max(total for _part, total in depths)
    columns = min(columns, len(statistics))
    rows = -(-len(statistics) // columns)
    figure = make_subplots(
        rows,
        columns,
        subplot_titles=[_(statistic.title) for statistic in statistics],
        shared_xaxes="all",
        horizontal_spacing=0.26 / columns if columns > 1 else 0,
        vertical_spacing=0.26 / rows if rows > 1 else 0,
    )
    shown = [(each, number % columns + 1, number // columns + 1) for number, each in enumerate(statistics)]
    # One call for all: each call of add_trace checks the figure anew.
    drawn, at = [], []
    for line in lines:
        for number, (statistic, column, row) in enumerate(shown):
            traces = _traces(line, statistic.name, relative, with_errors and not with_median, with_median)
            traces[-1].showlegend = number == 0 and len(lines) > 1
            drawn += traces
            at += [(row, column)] * len(traces)
    if with_median:
        for number, (statistic, column, row) in enumerate(shown):
            traces = _median(lines, statistic.name, relative, show=number == 0)
            drawn += traces
            at += [(row, column)] * len(traces)
    figure.add_traces(drawn, rows=[row for row, _column in at], cols=[column for _row, column in at])
    panels = range(1, len(statistics) + 1)
    shapes, words = shaded_thirds(total, relative, panels, with_words=rows == 1)
    if marked_layer is not None:
        x = axis_value(marked_layer, total, relative)
        shapes += [
            panel_shape("line", x, x, panel) | {"line": {"color": GREY, "width": 1.5, "dash": "dot"}}
            for panel in panels
        ]
    for statistic, column, row in shown:
        title = _("difference from {run}", run=base) if base else _(statistic.axis)
        figure.update_yaxes(title=title, rangemode="normal" if base else "tozero", row=row, col=column)
    if base:
        figure.update_yaxes(zeroline=True, zerolinecolor=GREY, zerolinewidth=1.5)
    if rows > 1:
        figure.update_yaxes(title_font_size=11, nticks=5)
    # Whole numbers: there is no layer 2.5.
    ticks = {} if relative else {"tickmode": "linear", "dtick": max(1, -(-total // 8)), "tick0": 0}
    figure.update_xaxes(range=[-0.03, 1.03] if relative else [-0.5, total - 0.5], showgrid=False, **ticks)
    axis = _("relative depth, first layer 0, last layer 1") if relative else _(PARTS[lines[0].part].axis)
    for number, (_statistic, column, row) in enumerate(shown):
        is_lowest = number + columns >= len(shown)
        figure.update_xaxes(title=axis if is_lowest else None, showticklabels=True, row=row, col=column)
    legend_lines = len(lines) + with_median if len(lines) > 1 else 0
    height = 320 if rows == 1 else 236 * rows
    figure.update_layout(
        shapes=shapes,
        annotations=[title.to_plotly_json() for title in figure.layout.annotations] + words,
        height=64 + height + 22 * legend_lines,
        margin={"l": 8, "r": 8, "t": 64, "b": 8},
        legend={
            "orientation": "h",
            "yanchor": "top",
            "y": -72 / height,
            "xanchor": "left",
            "x": 0,
            "itemsizing": "constant",
        },
        hovermode="closest",
        clickmode="event+select",
    )
    return figure


def quartiles(lines: Sequence[DepthLine], name: str, relative: bool) -> tuple[np.ndarray, np.ndarray]:
    """(depths [n], lower quartile, median and upper quartile [3, n]) of the runs that reach there.

    Between layers that a run holds, its value is interpolated; beyond them it has none.
    """
    at = [np.array([axis_value(layer, line.total, relative) for layer in line.layers]) for line in lines]
    known = [np.isfinite(line.values[name]) for line in lines]
    depths = np.unique(np.concatenate([x[each] for x, each in zip(at, known, strict=True)]))
    values = np.stack(
        [
            np.interp(depths, x[each], line.values[name][each], left=np.nan, right=np.nan)
            if each.any()
            else np.full(depths.shape, np.nan)
            for line, x, each in zip(lines, at, known, strict=True)
        ]
    )
    return depths, np.nanquantile(values, (0.25, 0.5, 0.75), axis=0)


def _traces(line: DepthLine, name: str, relative: bool, with_errors: bool, faint: bool) -> list[go.Scatter]:
    x = [axis_value(layer, line.total, relative) for layer in line.layers]
    y, error = line.values[name], line.errors.get(name)
    is_known = error is not None and np.isfinite(error).all() and bool(error.any())
    words = [f" ± {each:.2g}" for each in error] if is_known else [""] * len(x)
    said = [[layer, word] for layer, word in zip(line.layers, words, strict=True)]
    main = go.Scatter(
        x=x,
        y=y,
        name=line.label,
        legendgroup=line.label,
        mode="lines+markers",
        opacity=0.45 if faint else 1,
        line={"color": line.colour, "width": 1 if faint else 2},
        marker={"size": 6},
        customdata=said,
        hovertemplate=_(_POINT[line.part], number="%{customdata[0]}", value="%{y:.4g}%{customdata[1]}")
        + f"<extra>{line.label}</extra>",
    )
    if not (with_errors and is_known):
        return [main]
    # What is never below zero (no statistic with an error is, unless a run was taken off) has no band there.
    lower = np.maximum(y - error, 0) if (y >= 0).all() else y - error
    return [band(x, lower, y + error, line.colour, line.label), main]


def _median(lines: Sequence[DepthLine], name: str, relative: bool, *, show: bool) -> list[go.Scatter]:
    depths, (lower, middle, upper) = quartiles(lines, name, relative)
    label = counted("median and quartiles of {count} run", "median and quartiles of {count} runs", len(lines))
    main = go.Scatter(
        x=depths,
        y=middle,
        name=label,
        legendgroup=label,
        showlegend=show,
        mode="lines",
        line={"color": _MEDIAN, "width": 3.5},
        customdata=np.stack([lower, upper], 1),
        hovertemplate=_(
            "median {median}, quartiles {low} to {high}",
            median="%{y:.4g}",
            low="%{customdata[0]:.4g}",
            high="%{customdata[1]:.4g}",
        )
        + "<extra></extra>",
    )
    return [band(depths, lower, upper, "#808c96", label), main]
