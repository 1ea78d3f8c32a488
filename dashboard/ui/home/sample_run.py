"""A run to look at on the first page, whoever has run what: the server's own, of the sample question."""

import streamlit as st

from core import ExplainError
from dashboard import resources
from dashboard.formatting import visible
from dashboard.jobs.job import Job
from dashboard.jobs.sample_scenes import sample_question
from dashboard.language import _
from dashboard.loaded_run import LoadedRun
from dashboard.services import waiting
from dashboard.services.open import open_run
from dashboard.session import keys
from dashboard.ui import images
from dashboard.ui.cards import card
from dashboard.ui.progress.progress import progress_words
from dashboard.ui.viewer.viewer import viewer

HIGHEST = 320
"""Height in pixels of its picture at most."""


def sample_panel() -> str | None:
    """The sample run, or that it is being computed; returns its name, None where there is none and nothing is drawn."""
    name = _sample_name()
    job = None if name is None else waiting.run_job(name)
    if job is not None and job.is_active:
        _coming(job)
        return name
    run = None if name is None else open_run(name)
    if isinstance(run, LoadedRun):
        _sample(run)
        return name
    return None


def _sample(run: LoadedRun) -> None:
    with st.container(border=True, key="sample-run"):
        st.markdown(_("**A sample run to play with.** Move through the layers, point at cells."))
        question, link = st.columns([3, 1], vertical_alignment="center")
        with question:
            st.text(f"{visible(run.request.prompt)} \u2192 {visible(run.result.answer.text)}")
        with link:
            _link(run.id, _("Open it with everything"))
        viewer(run, HIGHEST)


def _coming(job: Job) -> None:
    with card(f"sample-{job.id}"):
        st.markdown(_("**A sample run.** Click on it to look at the map of every layer."))
        picture, text = st.columns([2, 3], gap="medium", vertical_alignment="center")
    with picture:
        chosen = job.question.chosen
        st.image(chosen.preview, width=images.picture_width(chosen.size, HIGHEST), alt=_("The sample run's picture"))
    with text:
        st.caption(_("Prompt"))
        st.text(visible(job.question.request.prompt))
        st.caption(progress_words(job))
        _link(job.id, _("Watch it being computed"))


def _link(name: str, label: str) -> None:
    st.page_link(
        "app_pages/compute.py", label=label, icon=":material/center_focus_strong:", query_params={keys.RUN: name}
    )


def _sample_name() -> str | None:
    """The name that the sample run has here; None where its model cannot be used."""
    try:
        model = resources.catalogue().describe(resources.settings().choices[0])
    except ExplainError:  # Compute says so
        return None
    return None if model is None else sample_question(model).id
