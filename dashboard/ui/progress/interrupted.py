"""Jobs that a server did not finish before it ended: shown, with one click to go on from what is stored."""

from collections.abc import Sequence

import streamlit as st

from cache import JobRow, StoreError, run_id
from core import ExplainError
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import as_datetime, literal, short
from dashboard.jobs.question import request_from_dict
from dashboard.jobs.studies.registry import find_study
from dashboard.language import _, listed, sentence
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
    st.subheader(_("Interrupted"), anchor=False)
    st.caption(
        _(
            "The server ended before these were done. What they had computed by then is stored: going on computes the "
            "rest only."
        )
    )
    if len(rows) > 1 and clicks.button(
        _("Go on with all {count}", count=len(rows)), key="go-on-all", icon=":material/play_arrow:"
    ):
        _go_on(rows)
    for row in rows[:MOST_SHOWN]:
        _job(row)
    if len(rows) > MOST_SHOWN:
        st.caption(_("And {count} more.", count=len(rows) - MOST_SHOWN))


def _job(row: JobRow) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"interrupted-{row.job_id}"):
        st.text(_words(row), width="stretch")
        if clicks.button(_("Go on"), key=f"go-on-{row.job_id}", type="primary", icon=":material/play_arrow:"):
            _go_on([row])
        may_forget = identity.person().may_change(row.person)
        about = _("Leaves it undone; what is computed stays stored")
        if may_forget and clicks.button(_("Forget"), key=f"forget-{row.job_id}", help=about):
            try:
                resources.storage().jobs.forget(row.job_id)
            except StoreError as error:
                st.error(literal(sentence(str(error))))
            else:
                st.rerun()


def _words(row: JobRow) -> str:
    try:
        prompt = short(request_from_dict(row.asking).prompt, 80)
    except ExplainError as error:
        return sentence(str(error))
    study = row.asking.get("study", "")
    what = _("{doing}: {prompt}", doing=sentence(find_study(study).doing), prompt=prompt) if study else prompt
    picture = short(str(row.asking.get("picture", "")), 40)
    progress = _("{done} of {total} done", done=row.done, total=row.total) if row.total else _("not begun")
    asker = [_("asked by {person}", person=short(row.person, 40))] if row.person else []
    about = listed([picture, progress, *asker, _("{time:%d %b %Y, %H:%M} UTC", time=as_datetime(row.asked))])
    return _("{what} ({about})", what=what, about=about)


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
        st.error(literal(sentence(problem)))
    if begun is None:
        return
    state.session().filled_from = None
    state.session().watched.add(begun)
    st.switch_page("app_pages/compute.py", query_params={keys.RUN: begun})
