"""Pictures from the clipboard. Streamlit's uploader takes clicks and drops; this adds pasting."""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "smooth_gradcam_paste", js=Path(__file__).with_name("paste.js").read_text("utf-8")
)


def paste_field() -> None:
    """Listens for pasted pictures while the page is open; draws nothing."""
    _component(key="paste", height=1)
