"""Weights that nothing can be made of are refused, naming them."""

import pytest
import torch
from torch import nn

from core.errors import ModelError
from core.models.faults.weights import check_finite
from core.models.loading import load_model

DOWN = "layers.1.mlp.down_proj.weight"


def named(weights, ending=DOWN):
    (found,) = [name for name in weights if name.endswith(ending)]
    return found


def test_missing_tensors_are_named(copied, reweighted):
    folder = copied()
    reweighted(folder, lambda weights: weights.pop(named(weights)))
    with pytest.raises(ModelError, match=rf"lack 1 tensor\(s\): model\.language_model\.{DOWN}\. Copy the model again"):
        load_model(folder, device="cpu")


def test_tensors_of_another_shape_are_named_with_both(copied, reweighted):
    folder = copied()
    reweighted(folder, lambda weights: weights.update({named(weights): torch.zeros(63, 96)}))
    with pytest.raises(ModelError, match=rf"do not fit.*{DOWN}, 63 x 96 in the file and 64 x 96 by the configuration"):
        load_model(folder, device="cpu")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_numbers(copied, reweighted, value):
    folder = copied()
    reweighted(folder, lambda weights: weights[named(weights)].__setitem__((3, 4), value))
    with pytest.raises(ModelError, match=rf"NaN or infinite\) in 1 tensor\(s\): .*{DOWN}"):
        load_model(folder, device="cpu")


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_the_largest_numbers_are_finite(tmp_path, dtype):
    layer = nn.Linear(4, 4).to(dtype)
    with torch.no_grad():
        layer.weight.fill_(torch.finfo(dtype).max)
        check_finite(tmp_path, layer)
        layer.bias[0] = float("nan")
        with pytest.raises(ModelError, match="1 tensor.*: bias"):
            check_finite(tmp_path, layer)
