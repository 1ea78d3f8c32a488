"""The part of Compare that only looks: the maps of the layer on display, and the tab that is open."""

import streamlit as st

from dashboard.session import keys
from dashboard.ui.compare.depth import depth_panel
from dashboard.ui.compare.film import film_panel
from dashboard.ui.compare.maps import choose_layer, side_by_side
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.pair import pair_panel
from dashboard.ui.compare.region import from_address, region_panel
from dashboard.ui.compare.report_tab import report_panel
from dashboard.ui.compare.similarity_matrix import matrix_panel
from dashboard.ui.compare.stages import stages_panel
from dashboard.ui.widgets import lazy_tabs


@st.fragment
def explore(runs: list[Compared]) -> None:
    """Everything that only looks: moving through it draws this part of the page again, and reads no run."""
    layer, region = choose_layer(runs), from_address()
    side_by_side(runs, layer, region)
    contents = {
        "Depth": lambda: depth_panel(runs, layer, region),
        "A against B": lambda: pair_panel(runs, layer),
        "Stages": lambda: stages_panel(runs),
        "Layer by layer": lambda: matrix_panel(runs),
        "Film": lambda: film_panel(runs),
        "Region": lambda: region_panel(runs, layer, region),
        "Report": lambda: report_panel(runs, layer, region),
    }
    lazy_tabs(contents, keys.CompareKey.TAB)
