"""Making an access token: what it is for and how long it is good, and its text, which is shown once."""

import streamlit as st

from dashboard.auth import access_tokens
from dashboard.language import _, counted
from dashboard.session import clicks, state
from dashboard.session.keys import TokenKey
from dashboard.storage.access_tokens import LONGEST_LABEL

USUAL_DAYS = 90


def token_form() -> None:
    """The fields and the button."""
    st.session_state.setdefault(TokenKey.DAYS, USUAL_DAYS)
    with st.container(horizontal=True, vertical_alignment="bottom", key="make-token"):
        st.text_input(
            _("What is it for?"),
            max_chars=LONGEST_LABEL,
            key=TokenKey.LABEL,
            placeholder=_("Evaluation on the cluster"),
            width="stretch",
        )
        st.selectbox(_("Good for"), access_tokens.DAYS, format_func=_days, key=TokenKey.DAYS, width=160)
        st.button(_("Make an access token"), key="make-token-button", icon=":material/key:", on_click=_make)


def fresh_token() -> None:
    """Shows the text of the token that was just made, once."""
    text, state.session().fresh_token = state.session().fresh_token, None
    if text:
        st.dialog(_("Your new access token"))(_show)(text)


def _show(text: str) -> None:
    st.code(text, language=None, wrap_lines=True)
    st.warning(_("Copy it now: it is not shown again. This server keeps no more of it than to know it again."))
    if st.button(_("Done"), key="token-copied", type="primary"):
        st.rerun()


@clicks.whole
def _make() -> None:
    with state.noting_problem():
        label, days = st.session_state.get(TokenKey.LABEL) or "", st.session_state[TokenKey.DAYS]
        state.session().fresh_token = access_tokens.make(label, days)
        st.session_state[TokenKey.LABEL] = ""


def _days(days: int) -> str:
    return counted("{count} day", "{count} days", days)
