"""What is to be known of attention maps of a model some of whose layers do not attend."""

import streamlit as st

from core import METHODS, ExplainRequest, ModelError
from core.schema.model_parts import DecoderDepth
from dashboard import resources
from dashboard.language import _


def attention_note(method: str, decoder: DecoderDepth) -> None:
    """Says which layers a method reads, where that is not all of them."""
    if METHODS[method].group == "attention" and decoder.is_hybrid:
        st.caption(
            _(
                "Of this model's {count} layers, these attend: {layers}. The others mix tokens without attention, and "
                "have the map of the next layer that attends.",
                count=decoder.layers,
                layers=", ".join(map(str, decoder.attending)),
            )
        )


def attention_note_of(request: ExplainRequest) -> None:
    """The same of a run, where its model is still known here."""
    if METHODS[request.method].group != "attention":
        return
    try:
        attention_note(request.method, resources.card_of(request).decoder)
    except ModelError:
        pass
