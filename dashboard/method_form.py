"""The part of the form that says by which method, at which layers, and where a layer is read."""

import streamlit as st

from core import DEFAULT_METHOD, METHODS
from core.layers import LAYER_CHOICES
from dashboard.drafts import CUSTOM
from dashboard.state import Field

_LAYER_TITLES = {
    "all": "All layers",
    "auto": "Six, evenly spread",
    "early": "Early third",
    "middle": "Middle third",
    "late": "Late third",
    CUSTOM: "Custom",
}

# Groups stand together in METHODS; the default comes first.
_METHOD_NAMES = (DEFAULT_METHOD, *(name for name in METHODS if name != DEFAULT_METHOD))
_WHY_DEFAULT = " Hence the default; every run brings the combined map too."


def method_label(name: str) -> str:
    """A method in the list of choices."""
    method = METHODS[name]
    return f"{method.title} ★" if method.group == "recommended" else method.title


def method_field() -> str:
    """The choice of the method, and what is known of it."""
    method = st.selectbox(
        "Method",
        _METHOD_NAMES,
        format_func=method_label,
        key=Field.METHOD,
        persist_state="session",
        help="How activation, gradient and attention become heat. Those with a star are recommended: they were found "
        "truest on scenes whose truth is known. Every run brings the combined map too, whatever the method.",
    )
    st.caption(METHODS[method].sentence + (_WHY_DEFAULT if method == DEFAULT_METHOD else ""))
    if METHODS[method].own_passes:
        st.caption("It takes many passes of its own for every noise sample, and long: begin with Quick 4.")
    return method


def layer_fields() -> tuple[str, str]:
    """The choice of layers, and what was typed for a custom one."""
    choice = st.selectbox(
        "Layers",
        (*LAYER_CHOICES, CUSTOM),
        format_func=_LAYER_TITLES.__getitem__,
        key=Field.LAYERS,
        persist_state="session",
        help="Which decoder layers get a map. All of them cost about what one costs; fewer take less memory.",
    )
    if choice != CUSTOM:
        return choice, ""
    text = st.text_input(
        "Layer numbers",
        key=Field.CUSTOM_LAYERS,
        placeholder="0, 3, 5-8, -1",
        persist_state="session",
        help="Numbers and ranges from 0, the first layer; -1 is the last one.",
    )
    return choice, text or ""


def tap_field() -> str:
    """Where a layer is read."""
    return st.segmented_control(
        "Tap",
        ("input", "output"),
        required=True,
        key=Field.TAP,
        persist_state="session",
        help="Where a layer is read: at its input, true for every layer, or at its output, as in the "
        "original, where the last layer has no map because its output at the picture feeds nothing.",
    )
