"""A run -> elements on a page. Everything here reads stored numbers; nothing computes a map.

Prompts, answers and file names are other people's text: they go through elements that show text as
it is, never through ones that read markdown.
"""

from dataclasses import replace

import streamlit as st

from core import METHODS, ExplainResult
from core.export import to_npz
from core.render import fit
from core.targets import Target
from dashboard import charts, exports, state, study_panels, viewing
from dashboard.chips import chips_panel
from dashboard.listing import cut
from dashboard.marks import choose_marks
from dashboard.services import ShownRun
from dashboard.tables import parameter_table, sample_words, token_table
from dashboard.trust_panel import trust_badge, trust_panel
from dashboard.viewing import View

TILE = 190
"""Longer side, in pixels, of a map among all layers."""


def answer_panel(run: ShownRun, from_store: bool) -> None:
    """What was asked and answered, by whom, and where the numbers come from."""
    result = run.result
    facts = [METHODS[result.request.method].title, sample_words(result)]
    if result.layers:
        facts.append(f"{len(result.layers)} layers")
    if run.row is not None:
        facts.insert(0, run.row.model_name)
    with st.container(border=True, key="answer-panel", gap="small"):
        asked, answered = st.columns(2, gap="medium")
        with asked:
            st.caption("Prompt")
            st.text(cut(result.request.prompt))
        with answered.container(key="answer"):
            st.caption("Answer")
            st.text(result.answer.text or "(The model said nothing.)")
            if result.request.target != Target.answer():
                st.text(f"Explained: {cut(result.request.target.describe())}")
        chips_panel(run)
        with st.container(horizontal=True, vertical_alignment="center"):
            if from_store:
                st.badge("From the store", icon=":material/inventory_2:", color="green")
                facts.append(_timing(run))
            st.caption(" · ".join(facts))


@st.fragment
def result_panel(run: ShownRun) -> None:
    """The maps of a run. Moving any control draws stored numbers again and computes nothing."""
    result = run.result
    view = viewing.choose_view(result)
    view = replace(view, marks=choose_marks(run, view))
    left, right = st.columns(2, gap="medium")
    with left:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{_title(run, view)}** over the picture", width="content")
            trust_badge(run, view)
        st.image(
            viewing.encode(view.draw(viewing.preview(run), view.shown(result), view.layer)),
            width=viewing.picture_width(run.chosen.picture.size),
            alt=f"Heat of {view.name} over the picture",
        )
    with right:
        rows, columns = result.grid
        st.markdown(f"**Raw heat**, {rows} × {columns} visual tokens")
        st.plotly_chart(
            charts.heat_figure(view.shown(result), view.layer, view.colormap, view.maximum),
            key="heat-chart",
            config={"displaylogo": False},
            alt=f"Raw heat of {view.name}, one cell a visual token",
        )
    if not view.heat(result).any():
        st.info("This map is zero everywhere: nothing there speaks for the answer.")
    _downloads(run, view)
    st.caption("The address of this page shows this run and this view to whoever opens it.")
    contents = {
        "All layers": lambda: _tiles(run, view),
        "Words": lambda: study_panels.words_panel(run, view),
        "Methods": lambda: study_panels.methods_panel(run, view),
        "Trust": lambda: trust_panel(run, view),
        "Concentration over depth": lambda: _depth(run, view),
        "Answer tokens": lambda: token_table(result),
        "Parameters": lambda: parameter_table(run),
    }
    # Bound to the address, tabs are lazy too: scrubbing draws again only what is seen.
    tabs = st.tabs(list(contents), key=state.View.TAB, bind="query-params")
    for tab, draw in zip(tabs, contents.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def _title(run: ShownRun, view: View) -> str:
    if view.layer is not None:
        return f"Layer {view.layer}"
    return "Combined map" if run.result.layers else METHODS[run.request.method].title


def _depth(run: ShownRun, view: View) -> None:
    if not run.result.layers:
        st.info("This method gives one map, not one for each layer. Choose another method to see how heat gathers.")
        return
    depth_panel([charts.Curve("this run", run.result, charts.RUN_COLOURS[0])], "depth-chart", view.layer)


def depth_panel(curves: list[charts.Curve], key: str, layer: int | None = None) -> None:
    """The chart of concentration over depth, and how to read it."""
    st.plotly_chart(
        charts.depth_figure(curves, layer),
        key=key,
        config={"displaylogo": False},
        alt="Entropy, Gini coefficient and share of the hottest tenth over decoder layers",
    )
    st.caption(
        "Low entropy, a high Gini coefficient and a high share mean that the heat of a layer gathers in few "
        "cells. Shaded: the early, middle and late third of the layers."
    )


def _tiles(run: ShownRun, view: View) -> None:
    result: ExplainResult = run.result
    if not result.layers:
        st.info("This method gives one map, not one for each layer. Choose another method to see the layers.")
        return
    small = fit(run.chosen.preview, TILE)
    width = viewing.picture_width(run.chosen.picture.size, TILE, TILE)
    with st.container(horizontal=True, key="all-layers"):
        for layer in result.layers:
            tile = viewing.encode(view.draw(small, result, layer))
            st.image(tile, width=width, caption=f"layer {layer}", alt=f"Heat of layer {layer}")


def _downloads(run: ShownRun, view: View) -> None:
    with st.container(horizontal=True, key="downloads"):
        st.download_button(
            "Overlay PNG",
            lambda: exports.overlay_png(run, view),
            f"{run.id}_{'map' if view.layer is None else f'layer-{view.layer:02d}'}_overlay.png",
            "image/png",
            key="download-png",
            on_click="ignore",
            icon=":material/image:",
            help="This map over the picture, at the picture's full resolution.",
        )
        st.download_button(
            "Numbers NPZ",
            lambda: to_npz(run.result),
            f"{run.id}.npz",
            "application/octet-stream",
            key="download-npz",
            on_click="ignore",
            icon=":material/data_array:",
            help="Raw heat and standard error of all maps for numpy, and all about the run as JSON.",
        )
        st.download_button(
            "All maps ZIP",
            lambda: exports.archive(run, view),
            f"{run.id}.zip",
            "application/zip",
            key="download-zip",
            on_click="ignore",
            icon=":material/folder_zip:",
            help=f"Heat and overlay of each map as PNG (longer side up to {exports.ZIP_LONGEST} pixels), "
            "the numbers, and result.json.",
        )


def _timing(run: ShownRun) -> str:
    computed = sum(run.result.timings.values())
    return f"read in {1000 * (run.read_seconds or 0):.0f} ms, computed once in {computed:.2f} s"
