"""Layer by layer: how alike the maps of all layers are, within a run or between two."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis.similarity import similarity
from core.heatmap import common_grid, on_grid
from core.schema.model_parts import PARTS
from dashboard.charts.base import colour_scale
from dashboard.charts.pair import DIVERGING
from dashboard.language import N_, _
from dashboard.session import keys
from dashboard.session.kept import for_an_hour
from dashboard.ui.compare.chart_files import CHART, chart_downloads, matrix_csv
from dashboard.ui.compare.measures import Compared, with_layers
from dashboard.ui.compare.pair_maps import why_no_difference
from dashboard.ui.widgets import choose_by_title, forget_unless_offered, segments_by_title

ITSELF = N_("itself")
_KINDS = {
    "rank": (N_("rank correlation"), N_("Spearman's rho")),
    "overlap": (N_("overlap of the hottest 10 %"), N_("share in common")),
}


def matrix_panel(runs: list[Compared]) -> None:
    """The matrix with its controls."""
    letters = {each.letter: each for each in with_layers(runs)}
    if not letters:
        st.info(_("These runs have one map each, not one for each layer, so there are no layers to compare."))
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="matrix-controls"):
        first = letters[_choose(_("Layers of"), list(letters), keys.CompareKey.ROWS)]
        others = [ITSELF, *(letter for letter in letters if letter != first.letter)]
        other = _choose(_("Against those of"), others, keys.CompareKey.COLUMNS)
        kind = segments_by_title(
            _("Likeness"),
            {name: title for name, (title, _unit) in _KINDS.items()},
            keys.CompareKey.LIKENESS,
            default="rank",
            about=_(
                "Rank correlation: 1 where the cells stand in the same order, 0 where one order says nothing of the "
                "other. Overlap: the share of the hottest tenth of the cells that both have; 0.1 by chance."
            ),
        )
    second = first if other == ITSELF else letters[other]
    refusal = why_no_difference(first, second)
    if refusal:
        st.info(refusal)
        return
    values = _matrix(first.run.key, second.run.key, kind, (first, second))
    figure = matrix_figure(first, second, values, kind)
    drawn, said = st.columns([3, 2], gap="medium")
    with drawn:
        about = _("{likeness} of layers with layers", likeness=_(_KINDS[kind][0]))
        st.plotly_chart(figure, key="matrix-chart", config=CHART, alt=about)
    with said:
        _say(first, second, values)
    chart_downloads(
        lambda: figure,
        lambda: matrix_csv(first.run.result.layers, second.run.result.layers, values, kind),
        "layers",
    )


# Every map with every map takes longer than a layer should take to be drawn, and is the same for all of them.
@for_an_hour(64)
def _matrix(first_id: str, second_id: str, kind: str, _pair: tuple[Compared, Compared]) -> np.ndarray:
    return matrix_of(*_pair, kind)


def matrix_of(first: Compared, second: Compared, kind: str) -> np.ndarray:
    """Likeness of every layer's map with every one, float64 [layers of first, layers of second]."""
    heats = [each.run.result.heat for each in (first, second)]
    grid = common_grid(heats[0].shape[1:], heats[1].shape[1:])
    return getattr(similarity(*(on_grid(heat, grid) for heat in heats)), kind)


def matrix_figure(first: Compared, second: Compared, values: np.ndarray, kind: str) -> go.Figure:
    """The matrix, first run downwards; colours centred at zero for correlations."""
    title, unit = (_(each) for each in _KINDS[kind])
    down, across = (PARTS[each.run.request.part] for each in (first, second))
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=list(second.run.result.layers),
            y=list(first.run.result.layers),
            hovertemplate=_(
                "{first} {down} {row}, {second} {across} {column}<br>{likeness} {value}",
                first=first.letter,
                down=_(down.one),
                row="%{y}",
                second=second.letter,
                across=_(across.one),
                column="%{x}",
                likeness=title,
                value="%{z:.3f}",
            )
            + "<extra></extra>",
            colorscale=DIVERGING if kind == "rank" else colour_scale("viridis"),
            zmin=-1 if kind == "rank" else 0,
            zmax=1,
            colorbar={"title": {"text": unit, "side": "right"}, "thickness": 14},
        )
    )
    most = max(values.shape)
    ticks = {"tickmode": "linear", "tick0": 0, "dtick": max(1, -(-most // 12)), "showgrid": False, "zeroline": False}
    titles = [
        _("{axis} of {run}", axis=_(part.axis), run=each.letter) for part, each in ((across, second), (down, first))
    ]
    figure.update_xaxes(title=titles[0], constrain="domain", constraintoward="right", **ticks)
    figure.update_yaxes(title=titles[1], autorange="reversed", scaleanchor="x", constrain="domain", **ticks)
    figure.update_layout(height=520, margin={"l": 8, "r": 8, "t": 16, "b": 8})
    return figure


def _choose(title: str, options: list[str], key: str) -> str:
    forget_unless_offered(key, options)
    return choose_by_title(title, {each: each for each in options}, key, bind="query-params", width=150)


def _say(first: Compared, second: Compared, values: np.ndarray) -> None:
    rows, columns = first.run.result.layers, second.run.result.layers
    if first is second:
        if len(rows) < 2:
            return
        step = np.diagonal(values, 1)
        at = int(np.argmin(step))
        st.markdown(_("**Where the map changes most**"))
        ends = {"first": rows[at], "second": rows[at + 1]}
        st.text(_("From layer {first} to layer {second}: {likeness:.2f}.", **ends, likeness=step[at]))
        st.text(_("Neighbours are alike by {likeness:.2f} on average.", likeness=step.mean()))
        st.caption(_("Blocks along the diagonal are depths at which the model holds on to one map."))
        return
    best = values.argmax(1)
    st.markdown(
        _("**Which layer of {second} is most like a layer of {first}**", second=second.letter, first=first.letter)
    )
    st.dataframe(
        {
            first.letter: list(rows),
            second.letter: [columns[at] for at in best],
            "likeness": values.max(1).tolist(),
        },
        hide_index=True,
        height=420,
        key="matrix-best",
        column_config={
            first.letter: st.column_config.NumberColumn(_("Layer of {run}", run=first.letter)),
            second.letter: st.column_config.NumberColumn(_("Layer of {run}", run=second.letter)),
            "likeness": st.column_config.NumberColumn(_("Likeness"), format="%.3f"),
        },
        alt=_("The most alike layer of the second run for each of the first"),
    )
