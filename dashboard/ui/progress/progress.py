"""A job on a page while it waits and runs: how far it is, how long it will take, and Cancel."""

import streamlit as st

from core import Progress
from dashboard.formatting import cut, duration
from dashboard.jobs.job import Job
from dashboard.jobs.question import Step
from dashboard.jobs.studies.registry import find_study
from dashboard.services import access, waiting
from dashboard.session import address, state
from dashboard.ui.progress.partial_map import partial_map_panel


@st.fragment(run_every=0.5)
def progress_panel(name: str) -> None:
    """Looks at the job twice a second; when it is over, the whole page runs again."""
    if state.session().left == name:  # before looking, which would join the job again
        state.session().left = None
        st.rerun()
    job = waiting.watch(name)
    if job is None or not job.is_active:
        st.rerun()
    with st.container(border=True, key=f"progress-{name}"):  # several studies of a run may be under way
        if job.question.study:
            st.text(find_study(job.question.study).doing)
        else:
            st.caption("Prompt")
            st.text(cut(job.question.request.prompt))
        st.progress(_fraction(job), text=progress_words(job))
        if job.waiters > 1:
            st.caption("Somebody else waits for the same run; it is computed once for all.")
        # A callback: it takes effect before this fragment runs again, and the page is never left behind.
        with st.container(horizontal=True):
            st.button("Cancel", key=f"cancel-{name}", icon=":material/stop_circle:", on_click=_cancel, args=(name,))
            if access.may_stop_for_all():
                st.button(
                    "Stop for everybody",
                    key=f"stop-{name}",
                    icon=":material/cancel:",
                    on_click=waiting.cancel,
                    args=(name, True),
                    help="As an administrator, whoever else waits for it; what was computed is kept",
                )
        if isinstance(job.progress, Progress) and job.progress.partial and not job.question.study:
            partial_map_panel(name, job.progress, job.question)


def progress_words(job: Job) -> str:
    """One line about how far an active job is."""
    if job.state == "queued":
        return f"Waiting for {job.ahead} earlier run{'' if job.ahead == 1 else 's'}"
    progress = job.progress
    if progress is None:
        return "Loading the model and reading the picture"
    if isinstance(progress, Step):
        return f"{progress.doing}: {progress.done} of {progress.total}"
    if progress.stage == "answer":
        return f"Answering: token {progress.done} of at most {progress.total}"
    left = "" if job.seconds_left is None else f", about {duration(job.seconds_left)} left"
    return f"Noise sample {progress.done} of {progress.total}{left}"


def ended_early(job: Job) -> str:
    """Why a job that is over is a run of fewer samples than were asked for."""
    asked, done = job.question.request.num_samples, job.outcome.result.num_samples
    if job.outcome.settled:
        return f"The run ended after {done} of {asked} samples: more would not have changed the maps."
    return f"The run was stopped: this is a run of {done} samples instead of {asked}."


def _fraction(job: Job) -> float:
    return 0.0 if job.progress is None else min(1.0, job.progress.done / job.progress.total)


def _cancel(name: str) -> None:
    session = state.session()
    session.left = name
    if waiting.cancel(name):
        return
    if name != session.run_id:  # a study goes on for others; the run stays on display
        return
    session.notice = "You no longer wait for that run. Somebody else does, so it goes on and will be in History."
    session.watched.discard(name)
    address.show_run(None)
