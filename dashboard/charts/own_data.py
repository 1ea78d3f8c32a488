"""A report of people's own data -> a plotly figure and a table, with published figures beside it. No Streamlit here."""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from core import METHODS
from core.evaluation.protocol.published import PUBLISHED
from core.evaluation.protocol.table import rows_of
from dashboard.charts.base import plain
from dashboard.language import N_, _

TITLES: dict[str, str] = {
    "pointing_box": N_("Pointing, box"),
    "pointing_mask": N_("Pointing, pixels"),
    "pointing": N_("Pointing, cells"),
    "energy": N_("Energy"),
    "soft_iou": N_("Soft IoU"),
    "auc": N_("AUC"),
    "obj_iou": N_("obj-IoU"),
    "func_iou": N_("func-IoU"),
    "f1_iou": N_("F1-IoU"),
    "obj_iou_half": N_("obj-IoU at 0.5"),
    "func_iou_half": N_("func-IoU at 0.5"),
    "f1_iou_half": N_("F1-IoU at 0.5"),
    "insertion": N_("Insertion (high is good)"),
    "deletion": N_("Deletion (low is good)"),
}
"""Figure of a report -> what it is called."""
_ORDERS = {
    "uniform": N_("uniform heat"),
    "random": N_("random heat"),
    "centre": N_("heat at the centre"),
    "the true mask": N_("the true mask"),
}
_OURS, _BLIND, _THEIRS = "#2a8fbd", "#8a8a8a", "#e08a1e"
_ROW = 26
"""Pixels of the figure's height for each map."""

Row = tuple[str, str, dict[str, Mapping[str, float]]]
"""(what it is called, its colour, figure -> mean and, where it was measured here, low and high)"""


def own_data_rows(report: Mapping[str, Any]) -> list[Row]:
    """Every map of a report, then what knows nothing, then what others have published about other pictures."""
    rows: list[Row] = [
        (_map_title(name, layer), _OURS if name in report["methods"] else _BLIND, figures)
        for name, layer, _cases, figures in rows_of(report)
    ]
    for each in PUBLISHED:
        title = _("{method} (published, other pictures)", method=each.method)
        rows.append((title, _THEIRS, {name: {"mean": value} for name, value in each.figures.items()}))
    return rows


def own_data_figure(rows: list[Row], figure_name: str) -> go.Figure:
    """One figure of every map that has it: a point with its 95 % interval."""
    shown = [(title, colour, figures[figure_name]) for title, colour, figures in rows if figure_name in figures]
    figure = go.Figure(
        go.Scatter(
            x=[ends["mean"] for _title, _colour, ends in shown],
            y=list(range(len(shown))),
            error_x={
                "symmetric": False,
                "array": [ends.get("high", ends["mean"]) - ends["mean"] for _title, _colour, ends in shown],
                "arrayminus": [ends["mean"] - ends.get("low", ends["mean"]) for _title, _colour, ends in shown],
            },
            mode="markers",
            marker={"size": 9, "color": [colour for _title, colour, _ends in shown]},
            text=[title for title, _colour, _ends in shown],
            hovertemplate="%{text}: %{x:.3f}<extra></extra>",
        )
    )
    figure.update_layout(
        height=90 + _ROW * len(shown), margin={"l": 8, "r": 8, "t": 16, "b": 8}, hovermode="closest", showlegend=False
    )
    figure.update_xaxes(title=_(TITLES[figure_name]), range=[-0.02, 1.02])
    figure.update_yaxes(
        tickvals=list(range(len(shown))),
        ticktext=[title for title, _colour, _ends in shown],
        autorange="reversed",
        automargin=True,
        showgrid=False,
    )
    return figure


def own_data_table(rows: list[Row]) -> dict[str, list[str]]:
    """Column -> cells: a map a row, every figure with its 95 % interval; "" where it has none."""
    used = [name for name in TITLES if any(name in figures for _title, _colour, figures in rows)]
    return {_("Map"): [title for title, _colour, _figures in rows]} | {
        _(TITLES[name]): [_cell(figures.get(name)) for _title, _colour, figures in rows] for name in used
    }


def _map_title(name: str, layer: int | None) -> str:
    title = _(METHODS[name].title) if name in METHODS else _(_ORDERS[name]) if name in _ORDERS else plain(name)
    return title if layer is None else _("{method}, layer {layer}", method=title, layer=layer)


def _cell(ends: Mapping[str, float] | None) -> str:
    if ends is None:
        return ""
    if "low" not in ends:
        return f"{ends['mean']:.3f}"
    return _("{mean:.3f} ({low:.3f} to {high:.3f})", mean=ends["mean"], low=ends["low"], high=ends["high"])
