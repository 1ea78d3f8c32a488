"""Charts to take away: a picture by the chart's own button, a page that opens without network, and the numbers."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

from dashboard.ui.widgets import file_download

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
            image_download("Picture PNG", picture, f"compare_{name}.png", "The panels side by side, whole.")
        file_download(
            "Chart HTML",
            lambda: chart_page(figure(), f"Smooth Grad-CAM: {name}"),
            f"compare_{name}.html",
            f"{name}-html",
            "The chart as a page of its own, with all it needs in it: it opens without network.",
            icon=":material/public_off:",
        )
        file_download(
            "Numbers CSV",
            numbers,
            f"compare_{name}.csv",
            f"{name}-csv",
            "The chart's numbers."
            + (" For a picture of it, use the camera at the chart's upper right corner." if picture is None else ""),
        )


def image_download(label: str, make: Callable[[], bytes], file: str, about: str) -> None:
    """A button for pictures in a file, which is made when the button is pressed."""
    file_download(label, make, file, f"take-{file}", about)
