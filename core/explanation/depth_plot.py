"""Statistics over depth as a plotly figure, for notebooks; pages draw theirs in `dashboard.charts`."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core.analysis.concentration import STATISTICS, progression
from core.analysis.standard_errors import standard_errors
from core.errors import InputError
from core.schema import ExplainResult
from core.schema.checks import check_choice, check_list
from core.schema.layers import thirds
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_SHADES = {"early": 0.05, "middle": 0.12, "late": 0.20}
_HEIGHT = 320


def depth_figure(result: ExplainResult, statistics: Sequence[str]) -> "Figure":
    """A panel for each statistic, a line for each method that has layers, with the statistic's standard error as bars.

    Args:
        statistics: names of `core.analysis.concentration.STATISTICS`, or one of them.

    Raises:
        InputError: there is no such statistic, or no method of the result has a map for each layer.
    """
    listed = [statistics] if isinstance(statistics, str) else check_list("Statistics", statistics, len(STATISTICS))
    for name in listed:
        check_choice("statistic", name, STATISTICS)
    lines = [each for each in (result, *result.companions.values()) if each.layers]
    if not listed:
        raise InputError("No statistic was named, so there is nothing to draw. Name one or more.")
    if not lines:
        title = METHODS[result.request.method].title
        raise InputError(f"{title} gives one map, not one for each layer, so there is nothing to draw over depth.")
    # plotly takes a moment to be imported, and only this needs it.
    from plotly.graph_objects import Scatter
    from plotly.subplots import make_subplots

    figure = make_subplots(1, len(listed), subplot_titles=[STATISTICS[name].title for name in listed])
    for line in lines:
        values, errors = _values(line, listed)
        for column, name in enumerate(listed, 1):
            known = np.isfinite(errors[name]).all() and errors[name].any()
            trace = Scatter(
                x=line.layers,
                y=values[name],
                error_y={"array": errors[name], "thickness": 1} if known else None,
                name=line.request.method,
                legendgroup=line.request.method,
                showlegend=column == 1 and len(lines) > 1,
                mode="lines+markers",
            )
            figure.add_trace(trace, row=1, col=column)
    for column, name in enumerate(listed, 1):
        figure.update_xaxes(title=PARTS[result.request.part].axis, row=1, col=column)
        figure.update_yaxes(title=STATISTICS[name].axis, rangemode="tozero", row=1, col=column)
    for stage, layers in thirds(lines[0].total_layers).items():
        if layers:
            shade = f"rgba(128, 140, 150, {_SHADES[stage]})"
            figure.add_vrect(layers[0] - 0.5, layers[-1] + 0.5, fillcolor=shade, line_width=0, layer="below")
    # Neither ground is assumed: a notebook may be light or dark.
    clear = {"paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)", "font": {"color": "rgb(128,140,150)"}}
    return figure.update_layout(height=_HEIGHT, margin={"l": 8, "r": 8, "t": 48, "b": 8}, **clear)


def _values(line: ExplainResult, names: Sequence[str]) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Name -> the statistic at each layer, and likewise its standard error."""
    measure = partial(progression, names=names, axes=3 if line.steps else 2)
    return measure(line.heat), standard_errors(line.heat, line.stderr, measure)
