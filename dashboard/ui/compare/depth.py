"""How heat gathers and scatters with depth: one statistic large, or all of them small, for every run."""

import plotly.graph_objects as go
import streamlit as st

from core.analysis.concentration import Statistic
from core.analysis.regions import Region
from dashboard.charts.depth import DepthLine, depth_figure
from dashboard.language import N_, _, language, listed
from dashboard.session import keys
from dashboard.session.kept import for_an_hour
from dashboard.ui.compare import measures
from dashboard.ui.compare.chart_files import CHART, chart_downloads, depth_csv
from dashboard.ui.compare.layer_cursor import layer_cursor
from dashboard.ui.compare.measures import Compared, with_layers
from dashboard.ui.widgets import choose_by_title, forget_unless_offered, segments_by_title

EVERY = "all"
NO_BASELINE = "none"
_LINES = {"runs": N_("each run"), "median": N_("median and quartiles")}
_KEY = "compare-chart"


def depth_panel(runs: list[Compared], layer: int | None, region: Region | None) -> None:
    """The chart with its controls, what it says, and its files."""
    with_depth = with_layers(runs)
    if not with_depth:
        st.info(_("These runs have one map each, not one for each layer. Choose runs of another method to see depth."))
        return
    offered = measures.ALL | ({measures.REGION.name: measures.REGION} if region is not None else {})
    with st.container(horizontal=True, vertical_alignment="bottom", key="depth-controls"):
        statistics = _choose_statistics(offered)
        with_median, baseline, with_errors = False, None, True
        if len(with_depth) > 1:
            with_median = _choose_lines() == "median"
            baseline = _choose_baseline(with_depth)
        if not with_median:
            with_errors = st.toggle(
                _("Standard error"),
                value=True,
                key=keys.CompareKey.ERRORS,
                bind="query-params",
                help=_(
                    "A band of one standard error to either side. The heat is drawn again within the standard error "
                    "that its noise samples leave, cell by cell; the band is how far the statistic then scatters. What "
                    "compares a layer with the one before it has none."
                ),
            )
    names = tuple(statistic.name for statistic in statistics)
    lines = [measures.depth_line(each, region, names) for each in with_depth]
    if baseline is not None:
        base = next(line for each, line in zip(with_depth, lines, strict=True) if each.letter == baseline)
        others = [each.letter for each, line in zip(with_depth, lines, strict=True) if line.depth != base.depth]
        if others:
            # Layer 5 of 8 is not layer 5 of 36, nor block 5 of a vision tower.
            st.caption(
                _(
                    "Not drawn, since they are of another part of a model, or of another number of layers: {runs}.",
                    runs=listed(others),
                )
            )
        lines = [line.less(base) for line in lines if line is not base and line.depth == base.depth]
    lines = [line for line in lines if line.layers]
    if not lines:
        st.info(
            _("No other run can be set against {run} layer by layer: there is no difference to draw.", run=baseline)
        )
        return
    # What it is made of, besides the runs' numbers; the layer on display is not, so that scrubbing draws no chart.
    corners = "" if region is None or measures.REGION.name not in names else region.to_text()
    drawn_by = (tuple(line.label for line in lines), names, with_errors, with_median, baseline, corners, language())
    ids = tuple(each.run.key for each in with_depth)
    st.plotly_chart(
        _figure(ids, drawn_by, lines, statistics),
        key=_KEY,
        config=CHART,
        alt=_("{statistic} over decoder layers", statistic=_(statistics[0].title))
        if len(statistics) == 1
        else _("All statistics over decoder layers"),
    )
    layer_cursor(_KEY, lines, layer)
    _legend_of_statistics(statistics)
    chart_downloads(
        lambda: depth_figure(lines, layer, statistics, 3, with_errors, with_median, baseline),
        lambda: depth_csv(lines, statistics, baseline),
        "depth",
    )


@for_an_hour(64)
def _figure(ids: tuple[str, ...], drawn_by: tuple, _lines: list[DepthLine], _statistics: list[Statistic]) -> go.Figure:
    with_errors, with_median, baseline = drawn_by[2:5]
    figure = depth_figure(_lines, None, _statistics, 3, with_errors, with_median, baseline)
    return figure.update_layout(clickmode="event")  # a selection would outlast the layer that it stood for


def _choose_statistics(offered: dict[str, Statistic]) -> list[Statistic]:
    titles = {EVERY: N_("All, small")} | {name: statistic.title for name, statistic in offered.items()}
    forget_unless_offered(keys.CompareKey.STATISTIC, titles)
    chosen = choose_by_title(_("Statistic"), titles, keys.CompareKey.STATISTIC, index=1, bind="query-params", width=300)
    return list(offered.values()) if chosen == EVERY else [offered[chosen]]


def _choose_lines() -> str:
    return segments_by_title(_("Lines"), _LINES, keys.CompareKey.LINES, default="runs")


def _choose_baseline(runs: list[Compared]) -> str | None:
    letters = {NO_BASELINE: N_("none"), **{each.letter: each.letter for each in runs}}
    forget_unless_offered(keys.CompareKey.BASELINE, letters)
    chosen = choose_by_title(
        _("Difference from"),
        letters,
        keys.CompareKey.BASELINE,
        bind="query-params",
        width=140,
        help=_(
            "Takes this run's value off every other run's, layer by layer. Their errors are added as those of "
            "independent runs; runs that share seed and noise differ by less."
        ),
    )
    return None if chosen == NO_BASELINE else chosen


def _legend_of_statistics(statistics: list[Statistic]) -> None:
    hint = _("Click a point to see its layer in every picture. Shaded: the early, middle and late third of the layers.")
    if len(statistics) == 1:
        about = statistics[0]
        st.caption(f"{_(about.sentence)} {f'({_(about.source)}) ' if about.source else ''}{hint}")
        return
    st.caption(hint)
    with st.expander(_("What each of them means")):
        st.dataframe(
            {
                _("statistic"): [_(each.title) for each in statistics],
                _("definition and range"): [_(each.sentence) for each in statistics],
                _("source"): [_(each.source) if each.source else "" for each in statistics],
            },
            hide_index=True,
            height="content",
            key="statistics",
            alt=_("Definitions of the statistics"),
        )
