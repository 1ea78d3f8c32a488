"""Pictures from the clipboard. Streamlit's uploader takes clicks and drops; this adds pasting."""

from functools import cache
from pathlib import Path

import streamlit as st


def paste_field() -> None:
    """Listens for pasted pictures while the page is open; draws nothing."""
    _component()(key="paste", height=1)


@cache
def _component():
    return st.components.v2.component("paste", js=Path(__file__).with_name("paste.js").read_text("utf-8"))
