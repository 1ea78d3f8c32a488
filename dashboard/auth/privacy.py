"""Asking for oneself alone, and changing later who sees a run.

Only where people sign in: a typed name proves nothing.
"""

from collections.abc import Sequence

import streamlit as st

from cache import RunRecord
from core import ExplainError
from dashboard.auth import identity, permissions
from dashboard.formatting import literal, visible
from dashboard.language import N_, _, sentence
from dashboard.session import clicks, state
from dashboard.session.keys import FormKey

_ABOUT = N_(
    "Nobody else finds, opens, compares or exports a private run; administrators can. Its numbers are stored once for "
    "all, so whoever asks exactly the same gets them at once, as a run of their own."
)


def private_switch() -> None:
    """The switch beside Run; nothing on a server where nobody signs in."""
    if identity.person().signed_in:
        current = state.session()
        # A widget forgets its value on another page; who asks privately goes on doing so.
        st.session_state.setdefault(FormKey.PRIVATE, current.private)
        current.private = st.toggle(_("Private"), key=FormKey.PRIVATE, help=_(_ABOUT))


def wants_private() -> bool:
    """Whether the switch is on."""
    return identity.person().signed_in and state.session().private


def privacy_panel(record: RunRecord | None) -> None:
    """To whom the run on display belongs and who sees it, and the button that changes that."""
    if record is None or not identity.person().signed_in:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="privacy"):
        who = visible(record.who) or _("nobody in particular")
        if record.private_to:
            seen = _("Private: seen by whoever asked and by administrators. Asked first by {who}.", who=who)
        else:
            seen = _("Seen by the whole team. Asked first by {who}.", who=who)
        st.text(seen, width="content")
        privacy_button([record])
        problem, state.session().problem = state.session().problem, None
        if problem:
            st.warning(literal(sentence(problem)))


def privacy_button(runs: Sequence[RunRecord]) -> None:
    """Hides the runs from others, or shows them; nothing where one may not."""
    if not identity.person().signed_in or not permissions.may_change(runs) or not all(run.who for run in runs):
        return
    private = any(run.private_to for run in runs)
    st.button(
        _("Make public") if private else _("Make private"),
        key="privacy-button",
        icon=":material/visibility:" if private else ":material/visibility_off:",
        help=_("Everybody sees it then, with its notes") if private else _(_ABOUT),
        on_click=_change,
        args=([run for run in runs if bool(run.private_to) == private], not private),
    )


@clicks.whole
def _change(runs: Sequence[RunRecord], private: bool) -> None:
    current = state.session()
    try:
        permissions.set_private(runs, private)
    except ExplainError as error:
        current.problem = str(error)
