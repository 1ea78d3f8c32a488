"""Beside the form and beside a map: what is to be known of a decoder whose layers differ."""

import streamlit as st

from core import METHODS, ExplainResult, ModelError
from core.schema.depth_notes import depth_notes
from core.schema.model_parts import DecoderDepth, Part
from dashboard import resources
from dashboard.language import sentence


def attention_note(method: str, decoder: DecoderDepth, part: Part = "decoder") -> None:
    """Says which layers a method reads, and where its maps are blank; see `core.schema.depth_notes`."""
    for note in depth_notes(method, decoder, part):
        st.caption(sentence(note))


def attention_note_of(result: ExplainResult) -> None:
    """The same of a run, where its model is still known here."""
    method = METHODS[result.request.method]
    blank = bool(result.layers) and not result.heat.reshape(len(result.heat), -1).any(1).all()
    if method.group != "attention" and not blank:
        return  # nothing to say, and a model need not be looked for
    try:
        attention_note(method.name, resources.card_of(result.request).decoder, result.request.part)
    except ModelError:
        pass
