"""Studies of a run that go on while nobody looks at their tab: shown with the run, wherever one comes from."""

from collections.abc import Collection

import streamlit as st

from dashboard.jobs.job import Job
from dashboard.jobs.studies.registry import find_study, subject_of
from dashboard.language import _, listed, sentence
from dashboard.loaded_run import LoadedRun
from dashboard.services import waiting
from dashboard.ui.progress.progress import job_bar
from dashboard.ui.viewer.view import layer_name


def under_way_panel(run: LoadedRun, shown: Collection[str]) -> None:
    """How far each is, and nothing where there are none.

    Args:
        shown: names of those that are on the page already.
    """
    studies = [job.question.study for job in waiting.studies_of(run.id) if job.question.study not in shown]
    if studies:
        pace = waiting.pace()
        st.fragment(_look, run_every=pace)(run, studies, pace)


def _look(run: LoadedRun, studies: list[str], pace: float) -> None:
    jobs = [job for job in waiting.studies_of(run.id) if job.question.study in studies]
    if len(jobs) < len(studies) or waiting.pace(pace) != pace:
        st.rerun()  # the whole page: something is known now that was not before
    with st.container(border=True, gap="small", key="under-way"):
        for job in jobs:
            job_bar(job, title_of(run, job))


def title_of(run: LoadedRun, job: Job) -> str:
    """What a study does and, where it is about one map, about which."""
    doing, subject = sentence(find_study(job.question.study).doing), subject_of(job.question.study)
    if subject is None:
        return doing
    layer, picture = subject
    about = [] if layer is None else [layer_name(layer, run.request.part)]
    if run.pictures:
        about.append(_("picture {number}", number=picture + 1))
    return _("{doing} ({map})", doing=doing, map=listed(about)) if about else doing
