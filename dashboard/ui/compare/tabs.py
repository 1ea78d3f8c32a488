"""The part of Compare that only looks: the maps on display, and the tab that is open; the report's tab whole."""

import streamlit as st

from core.analysis.regions import Region
from dashboard.language import N_, _
from dashboard.session import keys
from dashboard.session.address import address
from dashboard.ui.compare.depth import depth_panel
from dashboard.ui.compare.film import film_panel
from dashboard.ui.compare.map_choice import MapChoice, choose_map, heading, layer_of
from dashboard.ui.compare.maps import side_by_side
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.over_time import only_pictures
from dashboard.ui.compare.pair import pair_panel
from dashboard.ui.compare.region import from_address, region_panel
from dashboard.ui.compare.report import report
from dashboard.ui.compare.similarity_matrix import matrix_panel
from dashboard.ui.compare.stages import stages_panel
from dashboard.ui.compare.words import words_panel
from dashboard.ui.widgets import file_download, lazy_tabs


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
        N_("Report"): lambda: _report_panel(runs, choice, region),
    }
    lazy_tabs(contents, keys.CompareKey.TAB)


def _report_panel(runs: list[Compared], choice: MapChoice, region: Region | None) -> None:
    """What is in the report, and its button."""
    st.markdown(_("**One HTML file** that opens without network and can be sent by mail"))
    st.caption(
        _(
            "The runs above; their maps ({map}) and the mean maps of the three thirds as pictures; all statistics over "
            "depth with their standard errors; the difference of the first two runs; the likeness of the first run's "
            "layers; all parameters, the picture files, and the command and Python lines that compute each run again.",
            map=heading(runs, choice),
        )
        if region is None
        else _(
            "The runs above; their maps ({map}) and the mean maps of the three thirds as pictures; all statistics over "
            "depth with their standard errors, the drawn region among them; the difference of the first two runs; the "
            "likeness of the first run's layers; all parameters, the picture files, and the command and Python lines "
            "that compute each run again.",
            map=heading(runs, choice),
        )
    )
    made_from = address()
    file_download(
        _("Report HTML"), lambda: report(runs, choice, region, made_from), "comparison.html", "report", type="primary"
    )
