"""Charts to take away: a picture by the chart's own button, a page that opens without network, and the numbers.

Of these, text that looks like a formula is made text.
"""

import html
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.analysis.concentration import Statistic
from core.export.tables import csv_text, digits
from dashboard.charts.depth import DepthLine
from dashboard.language import ENGLISH, _, speaking
from dashboard.ui.widgets import file_download

T = TypeVar("T", bytes, str)
CHART = {"displaylogo": False, "toImageButtonOptions": {"format": "png", "scale": 2}}
"""Config of every chart on the page; its camera button makes a PNG in the browser, without network."""

PAGE_CHART = CHART | {"modeBarButtonsToRemove": ["sendChartToCloud", "sendDataToCloud"]}
"""The same for files: plotly would add a button there that uploads the chart to a third party."""

TEMPLATE = "plotly_white"


def chart_html(figure: go.Figure, *, is_page: bool = False) -> str:
    """A chart as HTML in light colours: a page with plotly.js in it, or an element of a page that has it already."""
    light = go.Figure(figure).update_layout(template=TEMPLATE)
    return light.to_html(include_plotlyjs=is_page, config=PAGE_CHART, full_html=is_page)


def chart_page(figure: go.Figure, title: str) -> str:
    """A page with the chart and plotly.js in it."""
    page = chart_html(figure, is_page=True)
    return page.replace("<head>", f"<head><title>{title}</title>", 1)


def chart_downloads(
    figure: Callable[[], go.Figure], numbers: Callable[[], str], name: str, picture: Callable[[], bytes] | None = None
) -> None:
    """The buttons under a chart.

    Args:
        figure, numbers: make the chart and the CSV, when they are asked for.
        name: of the files, and of the buttons among those of other charts.
        picture: makes a PNG, where the chart has no camera of its own.
    """
    with st.container(horizontal=True, vertical_alignment="center", key=f"{name}-files"):
        if picture is not None:
            image_download(_("Picture PNG"), picture, f"compare_{name}.png", _("The panels side by side, whole."))
        file_download(
            _("Chart HTML"),
            lambda: chart_page(figure(), f"Smooth Grad-CAM: {name}"),
            f"compare_{name}.html",
            f"{name}-html",
            _("The chart as a page of its own, with all it needs in it: it opens without network."),
            icon=":material/public_off:",
        )
        file_download(
            _("Numbers CSV"),
            _in_english(numbers),
            f"compare_{name}.csv",
            f"{name}-csv",
            _("The chart's numbers.")
            if picture is not None
            else _("The chart's numbers. For a picture of it, use the camera at the chart's upper right corner."),
        )


def image_download(label: str, make: Callable[[], bytes], file: str, about: str) -> None:
    """A button for pictures in a file, which is made when the button is pressed.

    What is written in them is English: the font that they are lettered with has no Chinese.
    """
    file_download(label, _in_english(make), file, f"take-{file}", about)


def _in_english(make: Callable[[], T]) -> Callable[[], T]:
    def made() -> T:
        with speaking(ENGLISH):
            return make()

    return made


def depth_csv(lines: Sequence[DepthLine], statistics: Sequence[Statistic], base: str | None = None) -> str:
    """One row for each run, layer and statistic. `difference_from` is empty where values are the run's own."""
    rows = (
        (
            html.unescape(line.name or line.label),
            layer,
            line.total,
            each.name,
            digits(line.values[each.name][at]),
            digits(line.errors[each.name][at] if each.name in line.errors else np.nan),
            base or "",
        )
        for line in lines
        for each in statistics
        for at, layer in enumerate(line.layers)
    )
    return csv_text(
        ("run", "layer", "layers_of_model", "statistic", "value", "standard_error", "difference_from"), rows
    )


def matrix_csv(rows: Sequence[int], columns: Sequence[int], values: np.ndarray, name: str) -> str:
    """One row for each pair of layers."""
    pairs = ((row, column, digits(values[i, j])) for i, row in enumerate(rows) for j, column in enumerate(columns))
    return csv_text(("layer", "other_layer", name), pairs)


def map_csv(named: dict[str, np.ndarray]) -> str:
    """One row for each cell of maps on one grid, a column each."""
    cells = np.ndindex(next(iter(named.values())).shape)
    rows = ((*cell, *(digits(each[cell]) for each in named.values())) for cell in cells)
    return csv_text(("row", "column", *named), rows)
