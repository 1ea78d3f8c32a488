"""Keeps what a link's #name leads to in sight, whatever of the page comes later."""

from pathlib import Path

import streamlit as st

_component = st.components.v2.component(
    "smooth_gradcam_link_target", js=Path(__file__).with_suffix(".js").read_text("utf-8")
)


def hold_link_target() -> None:
    """To be called on pages with headings that links lead to; shows nothing."""
    _component(key="link-target", height=1)
