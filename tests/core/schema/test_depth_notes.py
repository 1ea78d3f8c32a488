"""What is said of decoders whose layers differ."""

from core.schema.depth_notes import depth_notes
from core.schema.model_parts import DecoderDepth

HYBRID, SHARING = DecoderDepth(8, (3, 7)), DecoderDepth(8, tuple(range(8)), shared=3)


def test_methods_that_read_attention_say_which_layers_attend():
    (note,) = depth_notes("attention_gradient", HYBRID)
    assert note.startswith("Of this model's 8 layers, these attend: 3, 7.")
    assert depth_notes("gradcam", HYBRID) == ()


def test_maps_of_layers_that_share_keys_are_blank():
    (note,) = depth_notes("gradcam", SHARING)
    assert note.startswith("From layer 5 on,") and note.endswith("maps of those layers are blank.")
    assert depth_notes("gradcam", SHARING, "tower") == ()


def test_of_a_plain_decoder_nothing_is_said():
    assert (
        depth_notes("attention_gradient", DecoderDepth.plain(8)) == depth_notes("gradcam", DecoderDepth.plain(8)) == ()
    )
