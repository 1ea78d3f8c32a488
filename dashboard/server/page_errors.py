"""An error that a page did not expect: one record in the log, one sentence for whoever is at the page."""

import logging
import re
import secrets

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.session.keys import RUN

logger = logging.getLogger(__name__)

_RUN = re.compile(r"[0-9a-f]{16}")
"""How runs are called; whatever else the address holds in its place is somebody's text."""


def quieten_streamlit() -> None:
    """Streamlit writes the same error itself, in 80 coloured lines; `note` takes its place."""
    st.set_option("logger.enableRich", False)
    logging.getLogger("streamlit.error_util").addFilter(_is_not_of_a_page)


def note(error: Exception) -> bool:
    """Hears of every error that a page's script or a callback let pass; see `streamlit.App`, `on_script_error`.

    Returns:
        True: the page shows no more than what is drawn here.
    """
    number = secrets.token_hex(4)
    logger.error("A page failed; its visitor was shown the number %s.", number, exc_info=error, extra=_where())
    st.error(
        f"Something went wrong inside the program. The server's log says what, under {number}. Open the page again; "
        "what was computed is kept."
    )
    return True


def _where() -> dict[str, str]:
    """The page, and the run that its address names, as far as they can be told."""
    context = get_script_run_ctx()
    if context is None:
        return {}
    page = context.pages_manager.get_pages().get(context.page_script_hash, {})
    run = st.query_params.get(RUN, "")
    return {"page": page.get("url_pathname") or "home"} | ({"run": run} if _RUN.fullmatch(run) else {})


def _is_not_of_a_page(record: logging.LogRecord) -> bool:
    return record.msg != "Uncaught app execution"
