import numpy as np
import pytest
import torch
from torch import nn

from core.models.quantisation.linear import StoredLinear, StoredWeight
from core.models.quantisation.rounding import STORAGES, rounded
from core.models.quantisation.unpacking import unpacker


@pytest.fixture(params=[torch.float32, torch.bfloat16])
def layers(request):
    """A stored layer, and the plain one with the weight that it stands for."""
    torch.manual_seed(0)
    plain = nn.Linear(96, 32).to(request.param)
    stored = StoredWeight(rounded(plain.weight.data, "8bit"), unpacker(STORAGES["8bit"], (32, 96)), request.param)
    plain.weight.data = stored()
    return StoredLinear(stored, 96, 32, plain.bias), plain


def test_it_computes_what_the_plain_layer_does(layers):
    mine, plain = layers
    hidden = torch.randn(2, 5, 96, dtype=plain.weight.dtype)
    assert torch.equal(mine(hidden), plain(hidden))
    assert torch.equal(mine.weight, plain.weight) and mine.weight.dtype == plain.weight.dtype


def test_so_do_gradients_and_nothing_plain_is_kept_for_them(layers):
    mine, plain = layers
    hidden = torch.randn(2, 5, 96, dtype=plain.weight.dtype)
    found, kept = [], []
    for layer in (mine, plain.requires_grad_(False)):
        here = hidden.clone().requires_grad_()
        with torch.autograd.graph.saved_tensors_hooks(
            lambda tensor: kept.append(tensor) or tensor, lambda tensor: tensor
        ):
            out = layer(here)
        if layer is mine:
            assert kept == []
        found.append(torch.autograd.grad(out.float().pow(2).sum(), here)[0])
    assert kept and torch.equal(*found)


def test_what_is_stored_is_small(layers):
    mine, plain = layers
    stored = sum(parameter.numel() * parameter.element_size() for parameter in mine.stored.parameters())
    assert stored == 32 * 96 + 32 * 4 < plain.weight.numel() * plain.weight.element_size()


def test_its_rows_and_columns_are_in_another_order_for_a_while(layers):
    mine, _ = layers
    before = mine.weight
    with mine.stored.reordered(np.random.default_rng(0)):
        during = mine.weight
        assert not torch.equal(during, before)
        assert torch.equal(during.flatten().sort()[0], before.flatten().sort()[0])
    assert torch.equal(mine.weight, before)
