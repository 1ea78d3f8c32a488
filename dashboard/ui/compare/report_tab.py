"""The tab from which a comparison is taken away as one file."""

import streamlit as st

from core.analysis.regions import Region
from dashboard.session.address import address
from dashboard.ui.compare import maps
from dashboard.ui.compare.measures import Compared
from dashboard.ui.compare.report import report
from dashboard.ui.widgets import file_download


def report_panel(runs: list[Compared], layer: int | None, region: Region | None) -> None:
    """What is in the report, and its button."""
    st.markdown("**One HTML file** that opens without network and can be sent by mail")
    st.caption(
        f"The runs above; their maps ({maps.name_of(layer)}) and the mean maps of the three thirds as pictures; all "
        "statistics over depth with their standard errors"
        + ("" if region is None else ", the drawn region among them")
        + "; the difference of the first two runs; the likeness of the first run's layers; all parameters, the picture "
        "files, and the command and Python lines that compute each run again."
    )
    made_from = address()
    file_download(
        "Report HTML", lambda: report(runs, layer, region, made_from), "comparison.html", "report", type="primary"
    )
