"""Which weights Muon drives, and that both follow one learning rate."""

import torch

from core.embedded.training.auxiliary_losses import AuxiliaryHeads
from core.embedded.training.optimizers import make_optimizers, set_rate
from core.embedded.training.recipe import Recipe


def test_muon_drives_the_matrices_of_the_layers_and_adamw_the_rest(untrained):
    heads = AuxiliaryHeads(untrained.model.config.text_config.hidden_size)
    muon, adamw = make_optimizers(untrained.model, heads, Recipe())
    driven = [{id(weight) for group in one.param_groups for weight in group["params"]} for one in (muon, adamw)]
    layer = untrained.model.model.language_model.layers[0]
    assert id(layer.mlp.up_proj.weight) in driven[0] and id(layer.input_layernorm.weight) in driven[1]
    assert id(untrained.model.get_input_embeddings().weight) in driven[1] and id(heads.query.weight) in driven[1]
    assert len(driven[0]) + len(driven[1]) == len([*untrained.model.parameters(), *heads.parameters()])


def test_both_follow_one_learning_rate():
    optimizers = make_optimizers(torch.nn.Linear(3, 3), torch.nn.Linear(3, 3), Recipe())
    set_rate(optimizers, 0.25)
    assert [group["lr"] for one in optimizers for group in one.param_groups] == [0.25, 0.25]
