"""The auxiliary losses: whom they teach, and what they say of a reader that knows or is blind."""

import math

import pytest
import torch

from core.embedded.training.auxiliary_losses import AuxiliaryHeads, pointer_loss, token_loss
from core.embedded.training.forward import forward
from tests.core.embedded.training.grids import WIDE


def test_auxiliary_losses_reach_the_weights_below_them(untrained, packed):
    _, _, batch = packed
    heads = AuxiliaryHeads(untrained.model.config.text_config.hidden_size)
    activations = forward(untrained.model, batch)
    visual = activations.hidden[3][:, batch.visual_start : batch.visual_start + WIDE[0] * WIDE[1]]
    loss = token_loss(heads, activations.visual, visual, batch) + pointer_loss(heads, activations.hidden[5], batch)
    layers = untrained.model.model.language_model.layers
    below, above = layers[4].mlp.up_proj.weight, layers[5].mlp.up_proj.weight
    seen = untrained.model.model.visual.blocks[0].attn.qkv.weight
    gradients = torch.autograd.grad(loss, [below, seen, above], allow_unused=True)
    assert gradients[0].abs().max() > 0 and gradients[1].abs().max() > 0 and gradients[2] is None


def test_a_pointer_that_knows_nothing_pays_the_logarithm_of_its_choices(untrained, packed):
    _, _, batch = packed
    width = untrained.model.config.text_config.hidden_size
    heads = AuxiliaryHeads(width)
    torch.nn.init.zeros_(heads.query.weight)
    torch.nn.init.zeros_(heads.query.bias)
    loss = pointer_loss(heads, torch.ones(*batch.input_ids.shape, width), batch)
    assert float(loss) == pytest.approx(math.log(WIDE[0] * WIDE[1] + 1), rel=1e-5)
