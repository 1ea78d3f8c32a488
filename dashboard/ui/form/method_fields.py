"""The part of the form that says by which method, at which layers, and where a layer is read."""

import streamlit as st

from core import DEFAULT_METHOD, METHODS
from core.schema.layers import LAYER_CHOICES
from core.schema.model_parts import PARTS, Part
from dashboard.language import N_, _
from dashboard.session.keys import FormKey
from dashboard.ui.form.draft import CUSTOM
from dashboard.ui.glossary import TERMS, meaning, see

_LAYER_TITLES = {
    "auto": N_("Six, evenly spread"),
    "early": N_("Early third"),
    "middle": N_("Middle third"),
    "late": N_("Late third"),
    CUSTOM: N_("Custom"),
}
_OF_LAYERS = {
    "label": N_("Layers"),
    "all": N_("All layers"),
    "numbers": N_("Layer numbers"),
    "help": N_("Which decoder layers get a map. All of them cost about what one costs; fewer take less memory."),
}
_OF_BLOCKS = {
    "label": N_("Blocks"),
    "all": N_("All blocks"),
    "numbers": N_("Block numbers"),
    "help": N_("Which vision tower blocks get a map. All of them cost about what one costs; fewer take less memory."),
}
_TAPS = {"input": N_("input"), "output": N_("output")}


# Groups stand together in METHODS; the default comes first.
_METHOD_NAMES = (DEFAULT_METHOD, *(name for name in METHODS if name != DEFAULT_METHOD))


def method_field() -> str:
    """The choice of the method, and what is known of it."""
    method = st.selectbox(
        _("Method"),
        _METHOD_NAMES,
        format_func=lambda name: _(METHODS[name].title),
        key=FormKey.METHOD,
        persist_state="session",
        help=_(
            "{method} Every run brings the combined map too. {see}",
            method=TERMS["method"].text,
            see=see("method", "combined map"),
        ),
    )
    st.caption(_(METHODS[method].sentence))
    if METHODS[method].own_passes:
        st.caption(_("It takes many passes of its own for every noise sample, and long: begin with Quick 4."))
    return method


def where_field() -> Part:
    """The choice between the decoder and the vision tower."""
    return st.segmented_control(
        _("Part of the model"),
        tuple(PARTS),
        format_func=lambda part: _(PARTS[part].title),
        required=True,
        key=FormKey.WHERE,
        persist_state="session",
        help=_(
            "Decoder: layers in which picture and words meet; the map has a cell for each visual token. Vision tower: "
            "blocks that look at the picture alone, before any words; the map has a cell for each patch of pixels, "
            "mostly four times as many, and shows what of it mattered for the answer. The combined map beside it is "
            "the decoder's. {see}",
            see=see("decoder layer", "vision tower", "patch"),
        ),
    )


def layer_fields(where: Part) -> None:
    """The choice of layers, or of blocks, and a field to type a custom one."""
    words = _OF_BLOCKS if where == "tower" else _OF_LAYERS
    titles = _LAYER_TITLES | {"all": words["all"]}
    choice = st.selectbox(
        _(words["label"]),
        (*LAYER_CHOICES, CUSTOM),
        format_func=lambda choice: _(titles[choice]),
        key=FormKey.LAYERS,
        persist_state="session",
        help=_(words["help"]),
    )
    if choice == CUSTOM:
        st.text_input(
            _(words["numbers"]),
            key=FormKey.CUSTOM_LAYERS,
            placeholder="0, 3, 5-8, -1",
            persist_state="session",
        )


def tap_field() -> None:
    """Where a layer is read."""
    st.segmented_control(
        _("Tap"),
        tuple(_TAPS),
        format_func=lambda tap: _(_TAPS[tap]),
        required=True,
        key=FormKey.TAP,
        persist_state="session",
        help=meaning("tap"),
    )
