"""Cards that can be clicked anywhere: the one link or button in each reaches over the whole card."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

_STYLE = Path(__file__).with_suffix(".css")


@contextmanager
def card(key: str) -> Iterator[None]:
    """A frame for a picture, a few lines, and one link or button, which whoever clicks anywhere in it clicks.

    Args:
        key: of the container; "card-" stands before it.
    """
    with st.container(border=True, key=f"card-{key}", gap="small"):
        st.html(_STYLE)
        yield
