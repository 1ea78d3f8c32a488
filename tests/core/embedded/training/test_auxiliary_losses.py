"""The auxiliary losses: whom they teach, and what they say of a reader that knows or is blind."""

import math

import pytest
import torch

from core.embedded.training.auxiliary_losses import AuxiliaryHeads, pointer_loss, token_loss
from core.embedded.training.forward import forward
from tests.core.embedded.training.grids import WIDE


def test_auxiliary_losses_reach_the_weights_below_them(untrained, either):
    batch = either.batch
    heads = AuxiliaryHeads(untrained.model.config.text_config.hidden_size)
    activations = forward(untrained.model, batch)
    visual = activations.hidden[3][:, batch.visual_start : batch.visual_start + batch.colors.shape[1]]
    loss = token_loss(heads, activations.visual, visual, batch) + pointer_loss(heads, activations.hidden[5], batch)
    layers = untrained.model.model.language_model.layers
    below, above = layers[4].mlp.up_proj.weight, layers[5].mlp.up_proj.weight
    seen = untrained.model.model.visual.blocks[0].attn.qkv.weight
    gradients = torch.autograd.grad(loss, [below, seen, above], allow_unused=True)
    assert gradients[0].abs().max() > 0 and gradients[1].abs().max() > 0 and gradients[2] is None


def test_a_pointer_that_knows_nothing_pays_the_logarithm_of_its_choices(untrained, either):
    batch, steps = either.batch, either.clips[0].steps
    width = untrained.model.config.text_config.hidden_size
    heads = AuxiliaryHeads(width)
    torch.nn.init.zeros_(heads.query.weight)
    torch.nn.init.zeros_(heads.query.bias)
    loss = pointer_loss(heads, torch.ones(*batch.input_ids.shape, width), batch)
    assert loss.item() == pytest.approx(math.log(steps * WIDE[0] * WIDE[1] + 1), rel=1e-5)


def test_the_step_of_each_token_is_asked_of_clips_alone(untrained, packed, packed_clips):
    width = untrained.model.config.text_config.hidden_size
    heads = AuxiliaryHeads(width)
    for head in (heads.seen, heads.known):
        torch.nn.init.zeros_(head.weight)
        torch.nn.init.zeros_(head.bias)
    of_look = 2 * (math.log(9) + math.log(7)) + math.log(9)
    for given, of_step in ((packed, 0.0), (packed_clips, math.log(8))):
        visual = torch.ones(*given.batch.colors.shape, width)
        assert token_loss(heads, visual, visual, given.batch).item() == pytest.approx(of_look + of_step, rel=1e-5)
