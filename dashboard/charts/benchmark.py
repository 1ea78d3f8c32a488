"""How true a model's maps are on known scenes -> a plotly figure and tables. No Streamlit here."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from core import METHODS
from core.schema.methods import COMBINED, DEFAULT_METHOD
from core.schema.model_parts import PARTS, Part
from dashboard.charts.base import band
from dashboard.charts.depth_axes import GREY
from dashboard.language import N_, _

MEASURES: dict[str, tuple[str, str]] = {
    "pointing": (N_("Pointing"), N_("share of cases whose hottest cell lies on the object")),
    "energy": (N_("Energy"), N_("share of the heat that lies on the object")),
    "auc": (N_("AUC"), N_("how often a cell on the object is hotter than one beside it")),
    "best_iou": (N_("Best IoU"), N_("overlap of the hot cells with the object, at the threshold that suits best")),
    "obj_iou": (N_("obj-IoU"), N_("overlap of the hot cells with the object, at Otsu's threshold, as TAM is measured")),
}
"""Name -> what it is called, and what its axis says: of cases, phrases that mean an object."""

WORD_MEASURES: dict[str, tuple[str, str]] = {
    "func": (N_("func-IoU"), N_("share of the picture left cool for words that mean no object, as TAM is measured")),
    "f1": (N_("F1-IoU"), N_("harmonic mean of obj-IoU and func-IoU, as TAM is measured")),
}
"""Likewise, of the words of whole descriptions."""

_SHOWN = (COMBINED, DEFAULT_METHOD, "attention", "hirescam", "gradcam", "tam")
"""Methods whose lines are there at once; the others are a click on the legend away."""
_COLOURS = (
    "#2a8fbd",
    "#e08a1e",
    "#2fa37c",
    "#c2569b",
    "#8f7ad6",
    "#d1603d",
    "#a8902b",
    "#6f8496",
    "#4b9fa8",
    "#b0738a",
)

_POINT = {
    "decoder": N_("layer {number}: {value}, 95 % interval {low} to {high}"),
    "tower": N_("block {number}: {value}, 95 % interval {low} to {high}"),
    "one": N_("one map: {value}, 95 % interval {low} to {high}"),
}
_PLACES = {
    "number": "%{x}",
    "value": "%{y:.3f}",
    "low": "%{customdata[0]:.3f}",
    "high": "%{customdata[1]:.3f}",
}
_LAYER: dict[Part, str] = {"decoder": N_("layer {number}"), "tower": N_("block {number}")}
_OTHER_ORDERS = {"random": N_("random"), "the true mask": N_("the true mask")}
_AHEAD = (
    ("combined_deletes_better_by", N_("Combined map ahead: deletion")),
    ("combined_inserts_better_by", N_("insertion")),
    ("combined_is_better_by", N_("both")),
)


def chosen_rows(found: Mapping[str, Any], kind: str, measure: str) -> dict[str, Any]:
    """Method -> what was measured of it: "maps", and the measures with mean, low and high of each map.

    Args:
        found: a summary, as of `core.evaluation.benchmark.summary.summary`.
        kind: kind of question; "" for all of them.
        measure: a name of `MEASURES` or `WORD_MEASURES`.
    """
    source = found["silence"] if measure in WORD_MEASURES else found["methods"]
    picked = {name: row if not kind else row["by_kind"].get(kind) for name, row in source.items()}
    return {
        name: {**row, "maps": found["methods"][name]["maps"]} for name, row in picked.items() if row and name in METHODS
    }


def benchmark_figure(
    rows: Mapping[str, Any], measure: str, total: int, part: Part, method: str, layer: int | None, blind: float | None
) -> go.Figure:
    """One measure over depth, a line a method with its 95 % interval on hover; methods with one map are level lines.

    Args:
        rows: as of `chosen_rows`.
        total: layers of that part of the model.
        method: the one whose map is on display: drawn strongly, with a band of its interval.
        layer: marked, where a layer is on display.
        blind: what a map that knows nothing would score, if that is known.
    """
    title, axis = (_(each) for each in (MEASURES | WORD_MEASURES)[measure])
    figure, words = go.Figure(), PARTS[part]
    colours = _colours(rows, method)
    for name, row in rows.items():
        colour, figures, is_it = colours[name], row[measure], name == method
        is_level = row["maps"] == "one"
        ends = {end: figures[end] * (total if is_level else 1) for end in ("mean", "low", "high")}
        visible = True if is_it or name in _SHOWN else "legendonly"
        if is_it:
            figure.add_trace(band(range(total), ends["low"], ends["high"], colour, name, 0.25))
        figure.add_trace(
            go.Scatter(
                x=list(range(total)),
                y=ends["mean"],
                name=_(METHODS[name].title),
                legendgroup=name,
                visible=visible,
                mode="lines" if is_level else "lines+markers",
                line={"color": colour, "width": 4 if is_it else 1.8, "dash": "dash" if is_level else "solid"},
                marker={"size": 8 if is_it else 5},
                customdata=list(zip(ends["low"], ends["high"], strict=True)),
                hovertemplate=_(_POINT["one" if is_level else part], **_PLACES),
            )
        )
    shapes = []
    if blind is not None:
        shapes.append({"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": blind, "y1": blind})
        figure.add_annotation(
            text=_("a blind map"), x=0, xref="paper", xanchor="left", y=blind, yanchor="bottom", showarrow=False
        )
    if layer is not None:
        shapes.append({"type": "line", "yref": "paper", "y0": 0, "y1": 1, "x0": layer, "x1": layer})
    figure.update_layout(
        shapes=[{**shape, "line": {"color": GREY, "width": 1.5, "dash": "dot"}} for shape in shapes],
        height=470,
        margin={"l": 8, "r": 8, "t": 16, "b": 8},
        hovermode="closest",
        legend={"title": _("Methods; a click shows or hides one"), "itemsizing": "constant"},
    )
    figure.update_xaxes(
        title=_(words.axis), range=[-0.5, total - 0.5], dtick=max(1, -(-total // 12)), tick0=0, showgrid=False
    )
    figure.update_yaxes(
        title={"text": _("{measure}: {axis}", measure=title, axis=axis), "font": {"size": 12}}, range=[-0.02, 1.03]
    )
    return figure


def _colours(rows: Mapping[str, Any], method: str) -> dict[str, str]:
    """Lines that are there at once have different colours; of the others, some share one."""
    first = [name for name in rows if name == method or name in _SHOWN]
    ordered = [*first, *(name for name in rows if name not in first)]
    return {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(ordered)}


def benchmark_table(
    found: Mapping[str, Any], kind: str, layer: int, part: Part, method: str | None = None
) -> dict[str, list[str]]:
    """Column -> cells, the truest method first: every measure at one layer, with its 95 % interval.

    Args:
        found, kind: as of `chosen_rows`.
        layer: of methods with a map for each layer.
        method: the one whose map is on display.
    """
    rows = chosen_rows(found, kind, "pointing")
    words = chosen_rows(found, kind, "f1")

    def at(name: str) -> int:
        return layer if rows[name]["maps"] == "layers" else 0

    def rank(name: str) -> tuple[float, float]:
        return tuple(-rows[name][measure]["mean"][at(name)] for measure in ("pointing", "energy"))

    names = sorted(rows, key=rank)
    table = {
        _("Method"): [
            _("{method} (on display)", method=_(METHODS[name].title)) if name == method else _(METHODS[name].title)
            for name in names
        ],
        _("Map"): [
            _(_LAYER[part], number=layer) if rows[name]["maps"] == "layers" else _("one in all") for name in names
        ],
    }
    for measure, (title, _axis) in MEASURES.items():
        table[_(title)] = [_cell(rows[name][measure], at(name)) for name in names]
    for measure, (title, _axis) in WORD_MEASURES.items() if words else ():
        table[_(title)] = [_cell(words[name][measure], at(name)) if name in words else "" for name in names]
    return table


def removal_table(found: Mapping[str, Any]) -> dict[str, list[str]]:
    """Column -> cells, the best order first: areas when the scenes are taken apart in each map's order."""
    rows = sorted(found["removal"].items(), key=lambda row: row[1]["deletion"]["mean"] - row[1]["insertion"]["mean"])
    return {
        _("Order of removal"): [_order_title(name) for name, _row in rows],
        _("Deletion (low is good)"): [_interval(row["deletion"]) for _name, row in rows],
        _("Insertion (high is good)"): [_interval(row["insertion"]) for _name, row in rows],
        **{_(title): ["" if name == COMBINED else _interval(row[key]) for name, row in rows] for key, title in _AHEAD},
    }


def _order_title(name: str) -> str:
    return _(METHODS[name].title) if name in METHODS else _(_OTHER_ORDERS.get(name, name))


def _cell(figures: Mapping[str, Sequence[float]], at: int) -> str:
    return _interval({end: figures[end][at] for end in ("mean", "low", "high")})


def _interval(ends: Mapping[str, float]) -> str:
    mean, low, high = (round(ends[end], 3) + 0.0 for end in ("mean", "low", "high"))  # no minus before a zero
    return _("{mean:.3f} ({low:.3f} to {high:.3f})", mean=mean, low=low, high=high)
