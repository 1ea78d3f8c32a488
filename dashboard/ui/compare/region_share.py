"""What a region holds: its share of every run's heat over depth."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis.regions import Region
from dashboard.charts.depth import DepthLine, depth_figure
from dashboard.charts.depth_axes import GREY
from dashboard.ui.compare import maps
from dashboard.ui.compare.chart_files import CHART, chart_downloads
from dashboard.ui.compare.csv_files import depth_csv
from dashboard.ui.compare.layer_cursor import layer_cursor
from dashboard.ui.compare.measures import REGION, Compared, depth_line, with_layers

_KEY = "region-chart"


def share_panel(runs: list[Compared], layer: int | None, region: Region) -> None:
    """The chart, and a table of the shares in the maps on display."""
    lines = [depth_line(each, region, ()) for each in with_layers(runs)]
    if lines:
        named = tuple(each.label for each in lines), tuple(each.run.key for each in runs), region.to_text()
        st.plotly_chart(
            _figure(named, lines, region),
            key=_KEY,
            config=CHART,
            alt="Share of the heat inside the region over decoder layers",
        )
        layer_cursor(_KEY, lines, layer)
        chart_downloads(lambda: _drawn(lines, region, layer), lambda: depth_csv(lines, [REGION]), "region")
    st.dataframe(
        {
            "run": [each.letter for each in runs],
            "shown": [_inside(each, layer, region) for each in runs],
            "best": [_best(each, region) for each in runs],
        },
        hide_index=True,
        height="content",
        key="region-table",
        column_config={
            "run": st.column_config.TextColumn("Run", width=60),
            "shown": st.column_config.NumberColumn(f"Heat inside, {maps.name_of(layer)}", format="percent"),
            "best": st.column_config.TextColumn("Layer with most of its heat inside"),
        },
        alt="Share of the heat inside the region",
    )


def _inside(each: Compared, layer: int | None, region: Region) -> float | None:
    heat = maps.heat_at(each.run, layer)
    return None if heat is None else float(region.share_of_heat(heat))


def _best(each: Compared, region: Region) -> str:
    if not each.run.result.layers:
        return "one map in all"
    shares = depth_line(each, region, ()).values[REGION.name]
    at = int(np.argmax(shares))
    return f"{maps.name_of(each.run.result.layers[at], each.run.request.part)}, {shares[at]:.1%}"


@st.cache_resource(max_entries=64, ttl=3600, show_spinner=False)
def _figure(named: tuple, _lines: list[DepthLine], _region: Region) -> go.Figure:
    return _drawn(_lines, _region, None).update_layout(clickmode="event")


def _drawn(lines: list[DepthLine], region: Region, layer: int | None) -> go.Figure:
    figure = depth_figure(lines, layer, [REGION], with_errors=True)
    size = float(region.share_of_cells((64, 64)).mean())
    figure.add_hline(y=size, line={"color": GREY, "width": 1.5, "dash": "dash"})
    return figure.add_annotation(
        text="if heat were even",
        x=1,
        xref="x domain",
        y=size,
        xanchor="right",
        yanchor="bottom",
        showarrow=False,
        font={"size": 11},
    )
