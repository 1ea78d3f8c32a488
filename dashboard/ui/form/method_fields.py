"""The part of the form that says by which method, at which layers, and where a layer is read."""

import streamlit as st

from core import DEFAULT_METHOD, METHODS
from core.schema.layers import LAYER_CHOICES
from core.schema.model_parts import PARTS, Part
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import CUSTOM

_LAYER_TITLES = {
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
        key=FormKey.METHOD,
        persist_state="session",
        help="How activation, gradient and attention become heat. Those with a star are recommended: they were found "
        "truest on scenes whose truth is known. Every run brings the combined map too, whatever the method.",
    )
    st.caption(METHODS[method].sentence + (_WHY_DEFAULT if method == DEFAULT_METHOD else ""))
    if METHODS[method].own_passes:
        st.caption("It takes many passes of its own for every noise sample, and long: begin with Quick 4.")
    return method


def where_field() -> Part:
    """The choice between the decoder and the vision tower."""
    return st.segmented_control(
        "Where",
        tuple(PARTS),
        format_func=lambda part: PARTS[part].title,
        required=True,
        key=FormKey.WHERE,
        persist_state="session",
        help="Decoder: layers in which picture and words meet; the map has a cell for each visual token. Vision tower: "
        "blocks that look at the picture alone, before any words; the map has a cell for each patch of pixels, mostly "
        "four times as many, and shows what of it mattered for the answer. The combined map beside it is the "
        "decoder's.",
    )


def layer_fields(where: Part) -> tuple[str, str]:
    """The choice of layers, or of blocks, and what was typed for a custom one."""
    words = PARTS[where]
    choice = st.selectbox(
        words.many.capitalize(),
        (*LAYER_CHOICES, CUSTOM),
        format_func=lambda choice: f"All {words.many}" if choice == "all" else _LAYER_TITLES[choice],
        key=FormKey.LAYERS,
        persist_state="session",
        help=f"Which {words.axis}s get a map. All of them cost about what one costs; fewer take less memory.",
    )
    if choice != CUSTOM:
        return choice, ""
    text = st.text_input(
        f"{words.one.capitalize()} numbers",
        key=FormKey.CUSTOM_LAYERS,
        placeholder="0, 3, 5-8, -1",
        persist_state="session",
        help=f"Numbers and ranges from 0, the first {words.one}; -1 is the last one.",
    )
    return choice, text or ""


def tap_field() -> str:
    """Where a layer is read."""
    return st.segmented_control(
        "Tap",
        ("input", "output"),
        required=True,
        key=FormKey.TAP,
        persist_state="session",
        help="Where a layer is read: at its input, true for every layer, or at its output, as in the "
        "original, where the decoder's last layer has no map because its output at the picture feeds nothing.",
    )
