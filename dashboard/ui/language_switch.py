"""Chooses the language of the pages. Each language is called by itself: whoever looks for theirs reads no other."""

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from dashboard.language import LANGUAGES, language
from dashboard.session import clicks
from dashboard.session.language import COOKIE, choose

_HERE = Path(__file__)
_KEY = "language-switch"

_component = st.components.v2.component(
    "smooth_gradcam_language",
    html='<div class="languages" role="group"></div>',
    css=_HERE.with_suffix(".css").read_text("utf-8"),
    js=_HERE.with_suffix(".js").read_text("utf-8"),
)


def language_switch() -> None:
    """Draws the languages, and which of them the page is in."""
    data = {"languages": list(LANGUAGES.items()), "spoken": language(), "cookie": COOKIE}
    _component(key=_KEY, data=data, on_chosen_change=_chosen)


@clicks.whole
def _chosen() -> None:
    told = st.session_state[_KEY]
    chosen = told.get("chosen") if isinstance(told, Mapping) else None
    if chosen in LANGUAGES:
        choose(chosen)
