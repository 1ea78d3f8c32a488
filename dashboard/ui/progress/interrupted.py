"""Jobs that a server did not finish before it ended: shown, with one click to go on from what is stored."""

from collections.abc import Sequence

import streamlit as st

from cache import JobRow, StoreError, run_id
from core import ExplainError
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import as_datetime, short
from dashboard.jobs.question import request_from_dict
from dashboard.jobs.studies.registry import find_study
from dashboard.services import submit, waiting
from dashboard.session import clicks, keys, state

MOST_SHOWN = 8


def interrupted_run(name: str) -> JobRow | None:
    """The interrupted job of the run that an address names, or None."""
    return next((row for row in waiting.interrupted() if row.job_id == name), None)


def interrupted_panel(rows: Sequence[JobRow]) -> None:
    """The jobs, each with its buttons; nothing where there are none."""
    if not rows:
        return
    st.subheader("Interrupted", anchor=False)
    st.caption(
        "The server ended before these were done. What they had computed by then is stored: going on computes the "
        "rest only."
    )
    if len(rows) > 1 and clicks.button(f"Go on with all {len(rows)}", key="go-on-all", icon=":material/play_arrow:"):
        _go_on(rows)
    for row in rows[:MOST_SHOWN]:
        _job(row)
    if len(rows) > MOST_SHOWN:
        st.caption(f"And {len(rows) - MOST_SHOWN} more.")


def _job(row: JobRow) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"interrupted-{row.job_id}"):
        st.text(_words(row), width="stretch")
        if clicks.button("Go on", key=f"go-on-{row.job_id}", type="primary", icon=":material/play_arrow:"):
            _go_on([row])
        may_forget = identity.person().may_change(row.person)
        about = "Leaves it undone; what is computed stays stored"
        if may_forget and clicks.button("Forget", key=f"forget-{row.job_id}", help=about):
            try:
                resources.storage().jobs.forget(row.job_id)
            except StoreError as error:
                st.error(str(error))
            else:
                st.rerun()


def _words(row: JobRow) -> str:
    try:
        prompt = short(request_from_dict(row.asking).prompt, 80)
    except ExplainError as error:
        return str(error)
    study = row.asking.get("study", "")
    what = f"{find_study(study).doing}: {prompt}" if study else prompt
    progress = f", {row.done} of {row.total} done" if row.total else ", not begun"
    asker = f", asked by {short(row.person, 40)}" if row.person else ""
    picture, asked = short(str(row.asking.get("picture", "")), 40), f"{as_datetime(row.asked):%d %b %Y, %H:%M} UTC"
    return f"{what} ({picture}{progress}{asker}, {asked})"


def _go_on(rows: Sequence[JobRow]) -> None:
    """Asks them again; the last problem is shown, the first run comes on display."""
    begun, problem = None, ""
    for row in rows:
        try:
            submit.go_on(row)
            resources.storage().jobs.forget(row.job_id)  # one that was queued again is no longer interrupted
        except ExplainError as error:
            problem = str(error)
        else:
            begun = begun or run_id(request_from_dict(row.asking))
    if problem:
        st.error(problem)
    if begun is None:
        return
    state.session().filled_from = None
    state.session().watched.add(begun)
    st.switch_page("app_pages/compute.py", query_params={keys.RUN: begun})
