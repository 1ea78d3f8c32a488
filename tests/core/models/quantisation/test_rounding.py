import pytest
import torch

from core.models.quantisation.rounding import BLOCK, NF4, STORAGES, rounded, shapes
from core.models.quantisation.unpacking import unpacker


def back(weight, quantisation):
    tensors = rounded(weight, quantisation)
    return unpacker(STORAGES[quantisation], tuple(weight.shape))(tensors)


@pytest.mark.parametrize("quantisation", STORAGES)
@pytest.mark.parametrize("size", [(3, 128), (5, 13), (1, 1), (64, 96)])
def test_tensors_have_the_shapes_that_are_said_beforehand(quantisation, size):
    found = {name: (tuple(each.shape), each.dtype) for name, each in rounded(torch.randn(size), quantisation).items()}
    assert found == shapes(*size, quantisation)
    assert back(torch.randn(size), quantisation).shape == size


def test_eight_bits_are_off_by_half_a_step_at_most():
    weight = torch.randn(32, 200, generator=torch.Generator().manual_seed(0))
    step = weight.abs().amax(1, keepdim=True) / 127
    assert ((back(weight, "8bit") - weight).abs() <= step / 2 * 1.001).all()


def test_four_bits_take_the_nearest_number_of_the_table():
    weight = torch.randn(4, 128, generator=torch.Generator().manual_seed(0))
    wanted = []
    for block in weight.flatten().view(-1, BLOCK):
        size = block.abs().max()
        wanted += [min(NF4, key=lambda entry, value=value: abs(entry - value)) * size for value in block / size]
    torch.testing.assert_close(back(weight, "4bit").flatten(), torch.stack(wanted))


@pytest.mark.parametrize("quantisation", STORAGES)
def test_nothing_stays_nothing(quantisation):
    assert (back(torch.zeros(4, 64), quantisation) == 0).all()
    weight = torch.zeros(4, 64, dtype=torch.bfloat16)
    weight[0, 3] = -2
    assert torch.equal(back(weight, quantisation), weight.float())
