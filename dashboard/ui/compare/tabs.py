"""The part of Compare that only looks: the maps on display, and the tab that is open."""

import streamlit as st

from dashboard.language import N_
from dashboard.session import keys
from dashboard.ui.compare.depth import depth_panel
from dashboard.ui.compare.film import film_panel
from dashboard.ui.compare.map_choice import choose_map, layer_of
from dashboard.ui.compare.maps import side_by_side
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.over_time import only_pictures
from dashboard.ui.compare.pair import pair_panel
from dashboard.ui.compare.region import from_address, region_panel
from dashboard.ui.compare.report_tab import report_panel
from dashboard.ui.compare.similarity_matrix import matrix_panel
from dashboard.ui.compare.stages import stages_panel
from dashboard.ui.compare.words import words_panel
from dashboard.ui.widgets import lazy_tabs


@st.fragment
def explore(runs: list[Compared]) -> None:
    """Everything that only looks: moving through it draws this part of the page again, and reads no run."""
    runs = only_pictures(runs)
    if not runs:
        return
    choice, region = choose_map(runs), from_address()
    side_by_side(runs, choice, region)
    contents = {
        N_("Depth"): lambda: depth_panel(runs, layer_of(choice), region),
        N_("A against B"): lambda: pair_panel(runs, choice),
        N_("Word by word"): lambda: words_panel(runs),
        N_("Stages"): lambda: stages_panel(runs),
        N_("Layer by layer"): lambda: matrix_panel(runs),
        N_("Film"): lambda: film_panel(runs),
        N_("Region"): lambda: region_panel(runs, choice, region),
        N_("Report"): lambda: report_panel(runs, choice, region),
    }
    lazy_tabs(contents, keys.CompareKey.TAB)
