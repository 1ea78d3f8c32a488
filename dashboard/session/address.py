"""What the address names, and putting runs and views into it."""

import time
from collections.abc import Sequence
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.session.keys import RUN, RUNS
from dashboard.session.state import session


def asked_run() -> str | None:
    """The run that the address names, else the one on display.

    What somebody did before the browser heard of a new address comes with the former one, which is then not meant;
    unless it is the way back, of which the browser says so.
    """
    current, name = session(), st.query_params.get(RUN)
    if current.former is not None and current.former[0] == name and not _goes_back():
        late = LATE_BESIDE_A_LINK if name in current.siblings else LATE
        if time.monotonic() - current.former[1] < late:
            return current.run_id
    current.former = None
    return name or current.run_id


def come_to(page: str) -> None:
    """Hears which page is on display; to whom another one than Compute is shown, every address is known."""
    if page != "compute":
        session().former = None


def _goes_back() -> bool:
    """Whether the browser's Back or Forward began this run of the page."""
    context = get_script_run_ctx()
    return context is not None and context.is_history_navigation


def show_run(run_id: str | None) -> None:
    """Puts a run, or none, on display and into the address."""
    current = session()
    current.run_id, current.former = run_id, (st.query_params.get(RUN), time.monotonic())
    if run_id is None:
        st.query_params.pop(RUN, None)
    else:
        st.query_params[RUN] = run_id


def runs_in_address(most: int) -> list[str]:
    """The several runs that the address names, each once."""
    named = [name for name in st.query_params.get(RUNS, "").split(",") if name]
    return list(dict.fromkeys(named))[:most]


def name_runs(names: Sequence[str]) -> None:
    """Puts several runs, or none, into the address."""
    if names:
        st.query_params[RUNS] = ",".join(names)
    else:
        st.query_params.pop(RUNS, None)


def replace_sibling(name: str, other: str) -> None:
    """Puts another run in the place of one that was asked together with others."""
    current = session()
    current.siblings = tuple(other if each == name else each for each in current.siblings)
    if RUNS in st.query_params:
        name_runs(current.siblings)


def address() -> str:
    """The address of this page with everything that the view's widgets hold."""
    shown = [(name, value) for name in st.query_params for value in st.query_params.get_all(name)]
    return f"{st.context.url or ''}?{urlencode(shown)}"


LATE = 30.0
"""Seconds for which a browser, or a server, that is busy may still come with a former address."""
LATE_BESIDE_A_LINK = 2.0
"""The same where Compute itself has a link to the former run, which may be meant."""
