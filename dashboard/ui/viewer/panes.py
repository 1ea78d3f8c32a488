"""The map on display in panes side by side: the picture, the heat over it, the raw heat."""

import streamlit as st

from core import METHODS
from core.rendering import encoding
from dashboard.charts.base import heat_figure
from dashboard.loaded_run import LoadedRun
from dashboard.ui import images
from dashboard.ui.viewer.trust_panel import trust_badge
from dashboard.ui.viewer.view import View, frame


def show(run: LoadedRun, view: View, panes: tuple[str, ...]) -> None:
    """Draws the chosen panes, of `controls.PANES`."""
    for pane, column in zip(panes, st.columns(len(panes), gap="medium"), strict=True):
        with column:
            _PANES[pane](run, view, len(panes))
    if not view.heat(run.result).any():
        st.info("This map is zero everywhere: nothing there speaks for the answer.")


def _picture(run: LoadedRun, view: View, side_by_side: int) -> None:
    st.markdown("**Picture**")
    st.image(
        encoding.encode(images.preview(run)),
        width=images.picture_width(run.chosen.picture.size),
        alt="The picture that was asked about",
    )


def _overlay(run: LoadedRun, view: View, side_by_side: int) -> None:
    st.markdown(f"**{_title(run, view)}** over the picture")
    st.image(
        frame(run, view),
        width=images.picture_width(run.chosen.picture.size),
        alt=f"Heat of {view.name(run.result)} over the picture",
    )
    trust_badge(run, view)


def _raw(run: LoadedRun, view: View, side_by_side: int) -> None:
    shown = view.shown(run.result)
    rows, columns = shown.grid
    cells = "patches" if shown.request.part == "tower" else "visual tokens"
    st.markdown(f"**Raw heat**, {rows} × {columns} {cells}")
    st.plotly_chart(
        heat_figure(shown, view.layer, view.colormap, view.top(view.layer), is_narrow=side_by_side > 2),
        key="heat-chart",
        config={"displaylogo": False},
        alt=f"Raw heat of {view.name(run.result)}, {rows} × {columns} {cells}",
    )


def _title(run: LoadedRun, view: View) -> str:
    if view.layer is not None:
        return view.name(run.result).capitalize()
    return "Combined map" if run.result.layers else METHODS[run.request.method].title


_PANES = {"picture": _picture, "overlay": _overlay, "raw": _raw}
