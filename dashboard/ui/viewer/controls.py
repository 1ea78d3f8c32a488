"""The widgets of a view. Every one is bound to the address, so that a link shows the same view."""

from functools import partial

import streamlit as st

from core import ExplainResult
from core.rendering.overlay import COLORMAPS, DEFAULT_COLORMAP
from core.schema.methods import COMBINED
from core.schema.model_parts import PARTS
from dashboard.loaded_run import LoadedRun
from dashboard.session.keys import ViewKey
from dashboard.ui.images import choose_layer
from dashboard.ui.viewer import scrubber
from dashboard.ui.viewer.view import MAPS, View

PANES = ("picture", "overlay", "raw")
_USUAL_PANES = ("overlay", "raw")
_WIDTH = 150
"""Of a widget, in pixels: five stand in a row on a wide screen, and wrap on a narrow one."""


def choose_view(run: LoadedRun) -> tuple[View, tuple[str, ...]]:
    """(the view, the panes that show it, of `PANES`); marks have widgets of their own (`dashboard.ui.viewer.marks`)."""
    result = run.result
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        is_layer = _choose_map(result)
        panes = _choose_panes()
    layer = None
    # Always there, if empty: a row that came and went would move the widgets below it, and Streamlit's address
    # forgets a slider that was moved until the next visit.
    with st.container(horizontal=True, vertical_alignment="bottom", key="scrubber"):
        if is_layer:
            buttons_at = st.container(horizontal=True, width="content", gap="small")
            scrubber.advance(run)
            part, first, slid = result.request.part, result.recommended_layer, partial(scrubber.slid, run)
            layer = choose_layer(ViewKey.LAYER, result.layers, first, part, slid)
            with buttons_at:
                scrubber.buttons(run, layer)
        else:
            scrubber.stop()
    with st.container(horizontal=True, vertical_alignment="bottom", key="view-controls"):
        view = _choose_colours(result, layer)
    return view, panes


def _choose_map(result: ExplainResult) -> bool:
    """Whether one layer is looked at."""
    if not result.layers or COMBINED not in result.companions:
        return bool(result.layers)
    named, titles = st.query_params, MAPS | {"layer": f"One {PARTS[result.request.part].one}"}
    if ViewKey.LAYER in named and ViewKey.MAP not in named and ViewKey.MAP not in st.session_state:
        # A link to a layer means that layer. Only an address that says so itself goes on saying so when it changes.
        full = [(name, value) for name in named for value in named.get_all(name)]
        st.switch_page("app_pages/compute.py", query_params=[*full, (ViewKey.MAP, titles["layer"])])
    choice = st.segmented_control(
        "Map",
        tuple(MAPS),
        format_func=titles.__getitem__,
        default="combined",
        required=True,
        key=ViewKey.MAP,
        bind="query-params",
        help="The combined map takes in the upper half of the layers and was found to be the truest; one layer "
        "shows what a single depth holds, by the method that was chosen.",
    )
    return choice == "layer"


def _choose_panes() -> tuple[str, ...]:
    chosen = st.segmented_control(
        "Side by side",
        PANES,
        selection_mode="multi",
        default=_USUAL_PANES,
        key=ViewKey.PANES,
        bind="query-params",
        help="The picture alone, the heat over it, and the raw heat, whose cells say their numbers.",
    )
    return tuple(pane for pane in PANES if pane in chosen) or ("overlay",)


def _choose_colours(result: ExplainResult, layer: int | None) -> View:
    opacity = st.slider(
        "Opacity",
        min_value=0.0,
        max_value=1.0,
        value=0.5,
        step=0.05,
        key=ViewKey.OPACITY,
        bind="query-params",
        width=_WIDTH,
        help="Of the heat over the picture; 0 is the picture alone.",
    )
    threshold = st.slider(
        "Hide heat below",
        min_value=0,
        max_value=95,
        step=5,
        format="%d %%",
        key=ViewKey.THRESHOLD,
        bind="query-params",
        width=_WIDTH,
        help="Heat below this share of the top of the colour scale is not coloured. The raw map keeps showing it.",
    )
    colormap = st.selectbox(
        "Colours",
        tuple(COLORMAPS),
        index=tuple(COLORMAPS).index(DEFAULT_COLORMAP),
        key=ViewKey.COLORMAP,
        bind="query-params",
        width=_WIDTH,
        help="Perceptually even ones first; jet is there to compare with older figures.",
    )
    cells = st.selectbox(
        "Cells",
        ("smooth", "blocky"),
        key=ViewKey.CELLS,
        bind="query-params",
        width=_WIDTH,
        help="Smooth interpolates between cells; blocky shows each visual token, or patch, as it is.",
    )
    scale = st.selectbox(
        "Colour scale",
        ("own", "common"),
        key=ViewKey.SCALE,
        bind="query-params",
        width=_WIDTH,
        help="Own: each layer's colours reach up to its hottest cell. Common: one scale for all layers, so that "
        "their strength can be compared.",
    )
    maximum = float(result.heat.max()) if scale == "common" and result.layers else None
    part = result.request.part
    return View(layer, opacity, colormap, cells == "smooth", maximum, threshold / 100, part=part)
