"""Clicks that nothing else takes away: a run of the page that another event cuts off loses what began it.

Streamlit tells the callback of a click, and the `if st.button(...)` only if the run gets that far. Both are cut off
wherever they draw something or look into the session, so that a callback which does so may never get to its end.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException, StopException

from dashboard.session import state

PATIENCE = 30.0
"""Seconds after which a click that no page has taken is not meant any more."""


def button(label: str, key: str, **options: Any) -> bool:
    """`st.button`, true in the first run of the page that gets there after the click; act at once, draw later."""
    st.button(label, key=key, on_click=noting(key), **options)
    return take(key)


def noting(key: str) -> Callable[[], None]:
    """What remembers a click, as the button's `on_click`: without a look into the session, which was taken before."""
    clicks = state.session().clicks

    def note() -> None:
        clicks[key] = time.monotonic()

    return note


def take(key: str) -> bool:
    """Whether there was a click lately; forgets it."""
    clicked = state.session().clicks.pop(key, None)
    return clicked is not None and time.monotonic() - clicked < PATIENCE


@contextmanager
def until_done(key: str, done: Callable[[], bool]) -> Iterator[None]:
    """Acts on a click that was taken: if the run is cut off before that is `done`, the next one has the click."""
    clicks = state.session().clicks
    try:
        yield
    except (RerunException, StopException):  # the latter where another run has begun already
        if not done():
            clicks[key] = time.monotonic()
        raise
