"""A job on a page while it waits and runs: how far it is, how long it will take, and Cancel."""

from collections.abc import Callable

import streamlit as st

from core.schema.progress import Stage
from dashboard.formatting import duration, short
from dashboard.jobs.job import Job
from dashboard.jobs.question import Step
from dashboard.jobs.studies.registry import find_study
from dashboard.language import N_, _, counted, sentence
from dashboard.services import access, waiting
from dashboard.session import address, clicks, state
from dashboard.ui.progress.before import beside_panel

Draw = Callable[[Job], None]


def progress_panel(name: str, draw: Draw = lambda job: None, *, beside: bool = False) -> None:
    """A job until it is over; then the whole page runs again.

    Args:
        draw: what is drawn of it at every look.
        beside: how far it is stands in the window's corner, so that the page stays as it is.
    """
    pace = waiting.pace()
    st.fragment(_watch, run_every=pace)(name, draw, beside, pace)


def _watch(name: str, draw: Draw, beside: bool, pace: float) -> None:
    """Looks at the job, and again after so many seconds."""
    if state.session().left == name:  # before looking, which would join the job again
        state.session().left = None
        st.rerun()
    job = waiting.watch(name)
    if job is None or not job.is_active or waiting.pace(pace) != pace:
        st.rerun()
    if beside:
        draw(job)
        with beside_panel():
            _progress(name, job)
    else:
        _progress(name, job)
        draw(job)


def _progress(name: str, job: Job) -> None:
    """What is computed, how far it is, and the buttons."""
    with st.container(border=True, key=f"progress-{name}"):  # several studies of a run may be under way
        if job.question.study:
            title = sentence(find_study(job.question.study).doing)
        else:
            title = short(sentence(job.question.request.target.describe()), 80)
        job_bar(job, title)
        if job.waiters > 1:
            st.caption(_("Somebody else waits for the same run; it is computed once for all."))
        # A callback: it takes effect before this fragment runs again, and the page is never left behind.
        with st.container(horizontal=True):
            st.button(_("Cancel"), key=f"cancel-{name}", icon=":material/stop_circle:", on_click=_cancel, args=(name,))
            if access.may_stop_for_all():
                st.button(
                    _("Stop for everybody"),
                    key=f"stop-{name}",
                    icon=":material/cancel:",
                    on_click=clicks.whole(waiting.cancel),
                    args=(name, True),
                    help=_("As an administrator, whoever else waits for it; what was computed is kept"),
                )


def job_bar(job: Job, title: str) -> None:
    """How far a job is, as a bar.

    Args:
        title: what it does, shown as it is.
    """
    st.text(title)
    st.progress(_fraction(job), text=progress_words(job))


def progress_words(job: Job) -> str:
    """One line about what an active job waits for, and for how long."""
    if job.state == "queued":
        return _queued_words(job.ahead)
    progress = job.progress
    if isinstance(progress, Step):
        return _counting(sentence(progress.doing), _("{doing}: {done} of {total}"), job)
    if progress is None or progress.stage in _WAITS:
        return _waiting(_(_WAITS["start" if progress is None else progress.stage]), job)
    if progress.stage == "answer" and not progress.done:
        return _waiting(_("Answering, in at most {total} tokens", total=progress.total), job)
    if progress.stage == "answer":
        return _("Answering: token {done} of at most {total}", done=progress.done, total=progress.total)
    return _counting("", _("Noise sample {done} of {total}"), job)


_WAITS: dict[Stage, str] = {"start": N_("Starting the process that computes"), "load": N_("Loading the model")}


def _queued_words(ahead: int) -> str:
    if not ahead:
        return _("Next in line: it begins in a moment")
    return counted("Waiting for {count} earlier run", "Waiting for {count} earlier runs", ahead)


def _waiting(what: str, job: Job) -> str:
    """How much longer the stage is likely to take, judging by the last time; else for how long it has gone on."""
    left = 0.0 if job.stage_usual is None else job.stage_usual - job.stage_seconds
    if left >= 1:
        return _("{what}: about {time} left", what=what, time=duration(left))
    return _("{what}: {time} so far", what=what, time=duration(job.stage_seconds)) if job.stage_seconds >= 1 else what


def _counting(doing: str, words: str, job: Job) -> str:
    """How much of what is counted is done, and how much longer the rest is likely to take, as far as that is known.

    By the pace so far; before the first of a study's steps, by the last time.
    """
    said = words.format(doing=doing, done=job.progress.done, total=job.progress.total)
    left = job.seconds_left
    if left is None and isinstance(job.progress, Step) and job.stage_usual is not None:
        left = max(0.0, job.stage_usual - job.stage_seconds)
    return said if left is None else _("{what}, about {time} left", what=said, time=duration(left))


def ended_early(job: Job) -> str:
    """Why a job that is over is a run of fewer samples than were asked for."""
    asked, done = job.question.request.num_samples, job.outcome.result.num_samples
    if job.outcome.settled:
        return _(
            "The run ended after {done} of {asked} samples: more would not have changed the maps.",
            done=done,
            asked=asked,
        )
    return _("The run was stopped: this is a run of {done} samples instead of {asked}.", done=done, asked=asked)


def _fraction(job: Job) -> float:
    """How full the bar is: of what is counted or, where nothing is yet, of the time that the stage took last."""
    if job.progress is not None and job.progress.done:
        return min(1.0, job.progress.done / job.progress.total)
    return min(1.0, job.stage_seconds / job.stage_usual) if job.stage_usual else 0.0


@clicks.whole
def _cancel(name: str) -> None:
    session = state.session()
    session.left = name
    if waiting.cancel(name):
        return
    if name != session.run_id:  # a study goes on for others; the run stays on display
        return
    session.notice = _("You no longer wait for that run. Somebody else does, so it goes on and will be in History.")
    session.watched.discard(name)
    address.show_run(None)
