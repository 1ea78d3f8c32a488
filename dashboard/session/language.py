"""What a visitor speaks: what they chose, which their browser keeps, else what their browser asks for."""

import threading

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.state import SessionState

from dashboard.language import LANGUAGES, closest, of_visitors
from dashboard.session.keys import CompareKey, FormKey, HistoryKey, ViewKey

COOKIE = "smooth-gradcam-language"
_CHOSEN = "language"

_looked_up = threading.local()  # a page says hundreds of things, in a thread of its own


def visitors_language() -> str | None:
    """The language of the page that is being drawn; None where no page is, or its browser asks for one we lack."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return None
    if getattr(_looked_up, "page", None) is not context:
        held = _own_state(context)
        if _CHOSEN not in held:
            held[_CHOSEN] = _asked_for()
        _looked_up.page, _looked_up.language = context, held[_CHOSEN] or None
    return _looked_up.language


def choose(name: str) -> None:
    """Speaks a language from now on at this page. Raises ValueError for one that is none of `LANGUAGES`."""
    if name not in LANGUAGES:
        raise ValueError(f"There is no language {name!r} here.")
    _keep_choices()
    st.session_state[_CHOSEN] = name
    _looked_up.page = None


def _keep_choices() -> None:
    """What is chosen stays chosen: browsers name it by its title, and in another language there is none called so."""
    # Which tab is open stands in the address. By hand: Streamlit would take it out with tabs that are called otherwise.
    address = _own_state(get_script_run_ctx()).query_params
    for tab in (ViewKey.TAB, CompareKey.TAB):
        st.session_state.pop(tab, None)
        if (bound := address.get_binding_for_param(tab)) is not None:
            address.unbind_widget(bound.widget_id)
    for key in (*FormKey, *ViewKey, *CompareKey, *HistoryKey):
        chosen = st.session_state.get(key)
        if isinstance(chosen, str) or (isinstance(chosen, list) and all(isinstance(each, str) for each in chosen)):
            st.session_state[key] = chosen


def _own_state(context: ScriptRunContext) -> SessionState:
    """What a page's session holds, by hand, and by a name of Streamlit's own.

    `st.session_state` is a place where a run of a page may be cut off, and nobody expects that of saying something.
    """
    return context.session_state._state


def _asked_for() -> str:
    kept = st.context.cookies.get(COOKIE)
    if kept in LANGUAGES:
        return kept
    return closest(st.context.locale or "") or ""


of_visitors(visitors_language)
