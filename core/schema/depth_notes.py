"""What is to be known of maps of a decoder whose layers differ: some do not attend, some share keys and values."""

from core.schema.methods import METHODS
from core.schema.model_parts import DecoderDepth, Part


def depth_notes(method: str, decoder: DecoderDepth, part: Part = "decoder") -> tuple[str, ...]:
    """Which layers a method reads, and where its maps are blank, a sentence each; () where that is all and nowhere."""
    notes = []
    if METHODS[method].group == "attention" and decoder.is_hybrid:
        attending = ", ".join(map(str, decoder.attending))
        notes.append(
            f"Of this model's {decoder.layers} layers, these attend: {attending}. The others mix tokens without "
            "attention, and have the map of the next layer that attends."
        )
    if METHODS[method].has_tap and part == "decoder" and decoder.shared:
        notes.append(
            f"From layer {decoder.layers - decoder.shared} on, this model looks at the picture with the keys and "
            "values of earlier layers. What the picture's tokens are there counts for nothing, so that maps of those "
            "layers are blank."
        )
    return tuple(notes)
