"""Tells the browser in which language the page is, and Streamlit's own widgets what to call themselves."""

from pathlib import Path

import streamlit as st

from dashboard.language import ENGLISH, N_, _, language

_WORDS = (
    N_("Upload"),
    N_("{count}MB per file"),
    N_("Drag and drop files here"),
    N_("Drag and drop a file here"),
    N_("Press Enter to apply"),
    N_("Press Ctrl+Enter to apply"),
    N_("Press ⌘+Enter to apply"),
)
"""What Streamlit says by itself in the places that the script looks at, a number in it as "{count}"."""

_component = st.components.v2.component(
    "smooth_gradcam_page_language", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)


def page_language() -> None:
    """Goes on while the page is open; draws nothing."""
    _component(key="page-language", data={"lang": language().replace("_", "-"), "words": words()}, height=1)


def words() -> dict[str, str]:
    """Streamlit's own words -> ours; none in English. "help" is what the sign of a help text is called."""
    if language() == ENGLISH:
        return {}
    return {said: _(said) for said in _WORDS} | {"help": _("Help for {label}")}
