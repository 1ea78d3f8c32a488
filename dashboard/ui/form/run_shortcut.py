"""Ctrl+Enter in the prompt presses Run."""

from pathlib import Path

import streamlit as st

from dashboard.session import clicks
from dashboard.session.keys import RUN_BUTTON, FormKey

_KEY = "run-shortcut"

_component = st.components.v2.component(
    "smooth_gradcam_run_shortcut", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)


def run_shortcut() -> None:
    """Listens while the page is open; draws nothing."""
    # Streamlit's own callback of the prompt cannot tell Ctrl+Enter from a click beside it.
    field = f".st-key-{FormKey.PROMPT} textarea"
    _component(key=_KEY, data={"field": field}, on_pressed_change=clicks.noting(RUN_BUTTON), height=1)
