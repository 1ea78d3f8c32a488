"""What was on display before stays there, dimmed, while something else about the same picture is computed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

_STYLE = Path(__file__).with_suffix(".css")
_DIMMED = "<style>.st-key-before .st-key-viewer { opacity: 0.55; }</style>"
_CLEAR = "<style></style>"


@contextmanager
def before_panel() -> Iterator[None]:
    """What is drawn within it is dimmed, and can be used all the same."""
    with st.container(key="before"):
        st.html(_STYLE)
        yield


def dims(map_too: bool) -> None:
    """Whether the map of what was on display is dimmed, too: not once the one that grows is drawn in its place."""
    st.html(_DIMMED if map_too else _CLEAR)


@contextmanager
def beside_panel() -> Iterator[None]:
    """What is drawn within it lies in the window's lower right corner, over what is there, and moves nothing."""
    with st.container(key="beside"):
        st.html(_STYLE)
        yield
