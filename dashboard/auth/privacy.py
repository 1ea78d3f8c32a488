"""Asking for oneself alone, and changing later who sees a run.

Only where people sign in: a typed name proves nothing.
"""

from collections.abc import Sequence

import streamlit as st

from cache import RunRecord
from core import ExplainError
from dashboard.auth import identity, permissions
from dashboard.formatting import literal
from dashboard.session import state
from dashboard.session.keys import FormKey

_ABOUT = (
    "Nobody else finds, opens, compares or exports a private run; administrators can. Its numbers are stored once for "
    "all, so whoever asks exactly the same gets them at once, as a run of their own."
)


def private_switch() -> None:
    """The switch beside Run; nothing on a server where nobody signs in."""
    if identity.person().signed_in:
        current = state.session()
        # A widget forgets its value on another page; who asks privately goes on doing so.
        st.session_state.setdefault(FormKey.PRIVATE, current.private)
        current.private = st.toggle("Private", key=FormKey.PRIVATE, help=_ABOUT)


def wants_private() -> bool:
    """Whether the switch is on."""
    return identity.person().signed_in and state.session().private


def privacy_panel(record: RunRecord | None) -> None:
    """To whom the run on display belongs and who sees it, and the button that changes that."""
    if record is None or not identity.person().signed_in:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="privacy"):
        seen = (
            "Private: seen by whoever asked and by administrators." if record.private_to else "Seen by the whole team."
        )
        st.text(f"{seen} Asked first by {record.who or 'nobody in particular'}.", width="content")
        privacy_button([record])
        problem, state.session().problem = state.session().problem, None
        if problem:
            st.warning(literal(problem))


def privacy_button(runs: Sequence[RunRecord]) -> None:
    """Hides the runs from others, or shows them; nothing where one may not."""
    if not identity.person().signed_in or not permissions.may_change(runs) or not all(run.who for run in runs):
        return
    private = any(run.private_to for run in runs)
    st.button(
        "Make public" if private else "Make private",
        key="privacy-button",
        icon=":material/visibility:" if private else ":material/visibility_off:",
        help="Everybody sees it then, with its notes" if private else _ABOUT,
        on_click=_change,
        args=([run for run in runs if bool(run.private_to) == private], not private),
    )


def _change(runs: Sequence[RunRecord], private: bool) -> None:
    current = state.session()
    try:
        permissions.set_private(runs, private)
    except ExplainError as error:
        current.problem = str(error)
