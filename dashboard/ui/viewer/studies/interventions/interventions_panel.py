"""What is found by changing what the model is given: what if, and what the answer rests on; a tab of their own."""

import streamlit as st

from dashboard.jobs.studies.interventions import RELIANCE
from dashboard.loaded_run import LoadedRun
from dashboard.ui.viewer.studies.interventions.reliance_panel import reliance_panel
from dashboard.ui.viewer.studies.interventions.what_if_panel import study_of, what_if_panel
from dashboard.ui.viewer.view import View


def interventions_panel(run: LoadedRun, view: View) -> None:
    """Both, one below the other."""
    with st.container(key="what-if-of-run"):
        what_if_panel(run, view)
    st.divider()
    with st.container(key="reliance-of-run"):
        reliance_panel(run)


def interventions_shown(run: LoadedRun) -> tuple[str, ...]:
    """Names of the studies that are on the page with it."""
    what_if = study_of(run)
    return (RELIANCE,) if what_if is None else (what_if, RELIANCE)
