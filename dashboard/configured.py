"""The server's settings, read once."""

import streamlit as st

from dashboard.settings import Settings, read_settings


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings of this process."""
    return read_settings()
