"""The access tokens that are good, each with the button that withdraws it."""

import streamlit as st

from dashboard.auth import access_tokens, identity
from dashboard.formatting import short, visible, when
from dashboard.language import _
from dashboard.session import clicks, state
from dashboard.storage.access_tokens import AccessToken

MOST_SHOWN = 100


def token_list() -> None:
    """Draws them, the latest first.

    Raises:
        StoreError: they cannot be read.
    """
    tokens = access_tokens.listed()
    if not tokens:
        st.caption(_("There are no access tokens yet."))
        return
    own = identity.person().name
    for token in tokens[:MOST_SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", key=f"token-{token.name}", border=True):
            with st.container(gap=None, width="stretch"):
                st.text(short(token.label, 100))
                st.caption(_about(token))
                if token.person != own:
                    st.text(_("Made by {who}", who=visible(token.person) or _("nobody in particular")))
            st.button(
                _("Withdraw"),
                key=f"withdraw-{token.name}",
                icon=":material/key_off:",
                help=_("Programs that use it are refused from now on"),
                on_click=_withdraw,
                args=(token,),
            )
    if len(tokens) > MOST_SHOWN:
        st.caption(_("The latest {count} are shown.", count=MOST_SHOWN))


def _about(token: AccessToken) -> str:
    told = {"name": token.name, "made": when(token.made), "ends": when(token.expires)}
    if token.used is None:
        return _("{name}, made {made}, not used yet, good until {ends}", **told)
    return _("{name}, made {made}, last used {used}, good until {ends}", used=when(token.used), **told)


@clicks.whole
def _withdraw(token: AccessToken) -> None:
    with state.noting_problem():
        if not access_tokens.withdraw(token):
            state.session().problem = _("This access token is gone already.")
