"""What is to be known of maps of a decoder whose layers differ: some do not attend, some share keys and values."""

import streamlit as st

from core import METHODS, ExplainResult, ModelError
from core.schema.model_parts import DecoderDepth, Part
from dashboard import resources
from dashboard.language import _


def attention_note(method: str, decoder: DecoderDepth, part: Part = "decoder") -> None:
    """Says which layers a method reads, and where its maps are blank, where that is not all of them and nowhere."""
    if METHODS[method].group == "attention" and decoder.is_hybrid:
        st.caption(
            _(
                "Of this model's {count} layers, these attend: {layers}. The others mix tokens without attention, and "
                "have the map of the next layer that attends.",
                count=decoder.layers,
                layers=", ".join(map(str, decoder.attending)),
            )
        )
    if METHODS[method].has_tap and part == "decoder" and decoder.shared:
        st.caption(
            _(
                "From layer {layer} on, this model looks at the picture with the keys and values of earlier layers. "
                "What the picture's tokens are there counts for nothing, so that maps of those layers are blank.",
                layer=decoder.layers - decoder.shared,
            )
        )


def attention_note_of(result: ExplainResult) -> None:
    """The same of a run, where its model is still known here."""
    method, blank = METHODS[result.request.method], bool(result.layers) and bool((result.heat.max((1, 2)) == 0).any())
    if method.group != "attention" and not blank:
        return  # nothing to say, and a model need not be looked for
    try:
        attention_note(method.name, resources.card_of(result.request).decoder, result.request.part)
    except ModelError:
        pass
