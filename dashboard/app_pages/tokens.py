"""API: what programs may do here, and the access tokens that let them in. It is there where the server has an API."""

import streamlit as st

from core import ExplainError
from dashboard.formatting import literal
from dashboard.language import _, sentence
from dashboard.session import state
from dashboard.ui.access_tokens.listed import token_list
from dashboard.ui.access_tokens.making import fresh_token, token_form
from dashboard.ui.access_tokens.usage import usage
from dashboard.ui.banners import open_services


def page() -> None:
    """The whole page, top to bottom."""
    open_services()
    st.header(_("API"), anchor=False)
    session = state.session()
    problem, session.problem = session.problem, None
    if problem:
        st.error(literal(sentence(problem)))
    try:
        usage()
        token_form()
        token_list()
    except ExplainError as error:
        st.error(literal(sentence(str(error))))
    fresh_token()


page()
