"""The tab from which a comparison is taken away as one file."""

import streamlit as st

from core.analysis.regions import Region
from dashboard.language import _
from dashboard.session.address import address
from dashboard.ui.compare.map_choice import MapChoice, heading
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.report import report
from dashboard.ui.widgets import file_download


def report_panel(runs: list[Compared], choice: MapChoice, region: Region | None) -> None:
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
