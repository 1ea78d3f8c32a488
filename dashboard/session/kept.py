"""What was read, counted or drawn, kept for everybody for an hour while anybody has a page open."""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

HOUR = 3600.0

Function = TypeVar("Function", bound=Callable[..., Any])
_kept: list[Any] = []


def for_an_hour(entries: int) -> Callable[[Function], Function]:
    """Keeps what a function returns, by those of its arguments that begin without an underscore.

    Args:
        entries: of one function, at most; the oldest go first.
    """

    def keeping(function: Function) -> Function:
        kept = st.cache_resource(max_entries=entries, ttl=HOUR, show_spinner=False)(function)
        _kept.append(kept)
        return kept

    return keeping


def forget() -> None:
    """Lets go of everything: nobody is there who could look again."""
    for kept in _kept:
        kept.clear()
