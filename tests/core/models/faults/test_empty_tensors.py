"""Weights that were saved without their values."""

import pytest
import torch

from core.errors import ModelError
from core.models.checkpoints import describe_model
from core.models.faults.empty_tensors import some_of

DOWN = "layers.1.mlp.down_proj.weight"


def test_they_are_told_before_anything_is_loaded(copied, reweighted):
    folder = copied()
    reweighted(folder, lambda weights: weights.update({name: torch.zeros(0) for name in weights if DOWN in name}))
    with pytest.raises(ModelError, match=rf"1 empty tensor\(s\): .*{DOWN}.*ZeRO"):
        describe_model(folder, device="cpu")


def test_only_a_few_are_named():
    assert some_of({"b", "a"}) == "a, b" and some_of("dcba") == "a, b, c, ..."
