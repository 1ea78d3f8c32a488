"""Gemma 3: a picture's tokens see each other both ways, and some layers see only what is near."""

import pytest
import torch

from core.inference.attention import _probabilities, record_attention
from core.inference.forward import answer_logits, build_sequence, encode
from tests.core.models.families.slow import Slow
from tests.some import some

WINDOW = 12


@pytest.fixture(scope="module")
def recorded(explainer_of, pictures):
    """(slow, layer -> attention of every row) for a prompt with two pictures."""
    loaded = explainer_of("gemma3").loaded
    slow = Slow.of(loaded, pictures)
    sequence = build_sequence(loaded, slow.prepared, slow.answer)
    with torch.no_grad(), record_attention(loaded.family.decoder_config(loaded.model)) as layers:
        features = encode(loaded, sequence, slow.prepared.pixel_values[None])
        answer_logits(loaded, sequence, features, torch.arange(1))
    return slow, {layer: _probabilities(each, torch.arange(sequence.ids.shape[1]))[0] for layer, each in layers.items()}


def test_the_checkpoint_has_both_kinds_of_layers(explainer_of):
    config = explainer_of("gemma3").loaded.model.config.text_config
    assert config.layer_types == ["sliding_attention", "full_attention"] * 2 and config.sliding_window == WINDOW


def test_what_is_recorded_is_eager_attention(recorded):
    slow, found = recorded
    for layer, (wanted, _) in some(enumerate(slow.attentions())):
        torch.testing.assert_close(found[layer], wanted, rtol=1e-3, atol=1e-5)


def test_a_pictures_tokens_see_each_other_both_ways(recorded):
    slow, found = recorded
    first, second = slow.prepared.visual.split([layout.tokens for layout in slow.prepared.layouts])
    for layer, each in some(found.items()):
        assert (each[:, first[0], first[1:]] > 0).all() and (each[:, second[0], second[1:]] > 0).all()
        assert not each[:, first[-1], first[-1] + 1 :].any()  # but no token after the picture
        full = layer % 2 == 1
        assert each[:, second[0], first].any() == full or WINDOW > second[0] - first[-1]
        text = int(slow.prepared.question[0])
        assert not each[:, text, text + 1 :].any()
        assert (each[:, text, :2] > 0).all() == full
