"""A list to choose one thing from, each by its title."""

from collections.abc import Mapping
from typing import Any

import streamlit as st


def choose_by_title(label: str, titles: Mapping[Any, str], key: str, **options: Any) -> Any:
    """The chosen one of `titles`, a mapping of values to what they are called; options as of `st.selectbox`."""
    return st.selectbox(label, tuple(titles), format_func=titles.__getitem__, key=key, **options)
