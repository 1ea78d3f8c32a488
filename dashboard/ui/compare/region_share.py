"""What a region holds: its share of every run's heat over depth."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis.regions import Region
from dashboard.charts.depth import DepthLine, depth_figure
from dashboard.charts.depth_axes import GREY
from dashboard.language import _, language
from dashboard.session.kept import for_an_hour
from dashboard.ui.compare.chart_files import CHART, chart_downloads, depth_csv
from dashboard.ui.compare.layer_cursor import layer_cursor
from dashboard.ui.compare.map_choice import MapChoice, heading, heat_at, layer_of, name_of
from dashboard.ui.compare.measures import REGION, Compared, depth_line, with_layers

_KEY = "region-chart"


def share_panel(runs: list[Compared], choice: MapChoice, region: Region) -> None:
    """The chart, and a table of the shares in the maps on display."""
    lines = [depth_line(each, region, ()) for each in with_layers(runs)]
    if lines:
        named = tuple(each.label for each in lines), tuple(each.run.key for each in runs), region.to_text(), language()
        st.plotly_chart(
            _figure(named, lines, region),
            key=_KEY,
            config=CHART,
            alt=_("Share of the heat inside the region over decoder layers"),
        )
        layer_cursor(_KEY, lines, layer_of(choice))
        chart_downloads(lambda: _drawn(lines, region, layer_of(choice)), lambda: depth_csv(lines, [REGION]), "region")
    st.dataframe(
        {
            "run": [each.letter for each in runs],
            "shown": [_inside(each, choice, region) for each in runs],
            "best": [_best(each, region) for each in runs],
        },
        hide_index=True,
        height="content",
        key="region-table",
        column_config={
            "run": st.column_config.TextColumn(_("Run"), width=60),
            "shown": st.column_config.NumberColumn(
                _("Heat inside, {map}", map=heading(runs, choice)), format="percent"
            ),
            "best": st.column_config.TextColumn(_("Layer with most of its heat inside")),
        },
        alt=_("Share of the heat inside the region"),
    )


def _inside(each: Compared, choice: MapChoice, region: Region) -> float | None:
    heat = heat_at(each.run, choice)
    return None if heat is None else float(region.share_of_heat(heat))


def _best(each: Compared, region: Region) -> str:
    if not each.run.result.layers:
        return _("one map in all")
    shares = depth_line(each, region, ()).values[REGION.name]
    at = int(np.argmax(shares))
    return _("{layer}, {share:.1%}", layer=name_of(each.run, each.run.result.layers[at]), share=shares[at])


@for_an_hour(64)
def _figure(named: tuple, _lines: list[DepthLine], _region: Region) -> go.Figure:
    return _drawn(_lines, _region, None).update_layout(clickmode="event")


def _drawn(lines: list[DepthLine], region: Region, layer: int | None) -> go.Figure:
    figure = depth_figure(lines, layer, [REGION], with_errors=True)
    size = float(region.share_of_cells((64, 64)).mean())
    figure.add_hline(y=size, line={"color": GREY, "width": 1.5, "dash": "dash"})
    return figure.add_annotation(
        text=_("if heat were even"),
        x=1,
        xref="x domain",
        y=size,
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
        font={"size": 11},
    )
