"""Clicks that nothing else takes away: a run of the page that another event cuts off loses what began it.

Streamlit tells the callback of a click, and the `if st.button(...)` only if the run gets that far. Both are cut off
wherever they draw something or look into the session, so that a callback which does so may never get to its end, unless
it is `whole`.
"""

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.exceptions import RerunException, StopException

from dashboard.session import state

Given = ParamSpec("Given")
Back = TypeVar("Back")

PATIENCE = 30.0
"""Seconds after which a click that no page has taken is not meant any more."""


def whole(callback: Callable[Given, Back]) -> Callable[Given, Back]:
    """A callback that is not cut off in its middle: another event that waits is heard as soon as it has ended.

    A callback of which a half was done would leave a click that is lost, or half of what it meant. By hand, and by a
    name of Streamlit's own: it has no other way to put off an event but to put off all of them, to the end of the page.
    """

    @functools.wraps(callback)
    def call(*given: Given.args, **named: Given.kwargs) -> Back:
        with _putting_off_events():
            return callback(*given, **named)

    return call


@contextmanager
def _putting_off_events() -> Iterator[None]:
    context = get_script_run_ctx(suppress_warning=True)
    looks = getattr(context and context.session_state, "_yield_callback", None)
    runner = getattr(looks, "__self__", None)
    if not getattr(runner, "_execing", False):  # no page is run, or a callback has called another one
        yield
        return
    runner._execing = False
    try:
        yield
    finally:
        runner._execing = True


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


def press(key: str) -> None:
    """Notes a click that was meant, although something else was clicked; for callbacks that are `whole`."""
    state.session().clicks[key] = time.monotonic()


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
