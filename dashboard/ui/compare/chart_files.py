"""Charts to take away: a picture by the chart's own button, a page that opens without network, and the numbers."""

from collections.abc import Callable

import plotly.graph_objects as go
import streamlit as st

CHART = {"displaylogo": False, "toImageButtonOptions": {"format": "png", "scale": 2}}
"""Config of every chart on the page; its camera button makes a PNG in the browser, without network."""

PAGE_CHART = CHART | {"modeBarButtonsToRemove": ["sendChartToCloud", "sendDataToCloud"]}
"""The same for files: plotly would add a button there that uploads the chart to a third party."""

TEMPLATE = "plotly_white"


def chart_page(figure: go.Figure, title: str) -> str:
    """A page with the chart and plotly.js in it."""
    told = go.Figure(figure).update_layout(template=TEMPLATE)
    page = told.to_html(include_plotlyjs=True, config=PAGE_CHART, full_html=True)
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
            file_download("Picture PNG", picture, f"compare_{name}.png", "The panels side by side, whole.")
        st.download_button(
            "Chart HTML",
            lambda: chart_page(figure(), f"Smooth Grad-CAM: {name}"),
            f"compare_{name}.html",
            "text/html",
            key=f"{name}-html",
            on_click="ignore",
            icon=":material/public_off:",
            help="The chart as a page of its own, with all it needs in it: it opens without network.",
        )
        st.download_button(
            "Numbers CSV",
            numbers,
            f"compare_{name}.csv",
            "text/csv",
            key=f"{name}-csv",
            on_click="ignore",
            icon=":material/table:",
            help="The chart's numbers."
            + (" For a picture of it, use the camera at the chart's upper right corner." if picture is None else ""),
        )


_KINDS = {
    "png": ("image/png", ":material/image:"),
    "webp": ("image/webp", ":material/movie:"),
    "gif": ("image/gif", ":material/gif_box:"),
    "zip": ("application/zip", ":material/folder_zip:"),
}


def file_download(label: str, make: Callable[[], bytes], file: str, about: str) -> None:
    """A button for a file, which is made when the button is pressed. Its kind follows from its name."""
    mime, icon = _KINDS[file.rpartition(".")[2]]
    st.download_button(label, make, file, mime, key=f"take-{file}", on_click="ignore", icon=icon, help=about)
