"""The part of Compare that only looks: the maps of the layer on display, and the tab that is open."""

import streamlit as st

from dashboard.session import keys
from dashboard.ui.compare import maps, region
from dashboard.ui.compare.depth import depth_panel
from dashboard.ui.compare.film import film_panel
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.pair import pair_panel
from dashboard.ui.compare.report_tab import report_panel
from dashboard.ui.compare.similarity_matrix import matrix_panel
from dashboard.ui.compare.stages import stages_panel


@st.fragment
def explore(runs: list[Compared]) -> None:
    """Everything that only looks: moving through it draws this part of the page again, and reads no run."""
    layer, area = maps.choose_layer(runs), region.from_address()
    maps.side_by_side(runs, layer, area)
    contents = {
        "Depth": lambda: depth_panel(runs, layer, area),
        "A against B": lambda: pair_panel(runs, layer),
        "Stages": lambda: stages_panel(runs),
        "Layer by layer": lambda: matrix_panel(runs),
        "Film": lambda: film_panel(runs),
        "Region": lambda: region.region_panel(runs, layer, area),
        "Report": lambda: report_panel(runs, layer, area),
    }
    # Bound to the address, tabs are lazy too: only what is seen is drawn.
    tabs = st.tabs(list(contents), key=keys.CompareKey.TAB, bind="query-params")
    for tab, draw in zip(tabs, contents.values(), strict=True):
        if tab.open:
            with tab:
                draw()
