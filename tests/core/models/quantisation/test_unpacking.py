import json

import pytest
import torch

from core.models.quantisation.rounding import NF4
from core.models.quantisation.storage import read_storage, stored_parts
from core.models.quantisation.unpacking import awq, blockwise4, compressed, fields, gptq, rowwise8, scaled, unpacker
from tests.core.models.quantisation.writers import FORMS


def test_numbers_lie_in_an_int32_from_its_lowest_bits_on():
    assert fields(torch.tensor([[0x76543210, -1]], dtype=torch.int32), 4).tolist() == [[*range(8), *[15] * 8]]
    assert fields(torch.tensor([[0x03020100]], dtype=torch.int32), 8).tolist() == [[0, 1, 2, 3]]
    assert fields(torch.tensor([[0b11100100]], dtype=torch.int32), 2).tolist()[0][:4] == [0, 1, 2, 3]


def test_a_scale_for_each_block_by_hand():
    weight = torch.tensor([[1.0, 2, 4], [0.5, -1, 8], [2, 2, -2]]).to(torch.float8_e4m3fn)
    scale = torch.tensor([[10.0, 100], [1000, 10000]])
    wanted = [[10, 20, 400], [5, -10, 800], [2000, 2000, -20000]]
    assert scaled({"weight": weight, "weight_scale_inv": scale}, block=(2, 2)).tolist() == wanted
    rows = {"weight": torch.tensor([[1, -2], [3, 4]], dtype=torch.int8), "weight_scale": torch.tensor([[0.5], [2.0]])}
    assert scaled(rows).tolist() == [[0.5, -1], [6, 8]]
    with_zero = rows | {"weight_zero_point": torch.tensor([[1], [-1]], dtype=torch.int8)}
    assert scaled(with_zero).tolist() == [[0, -1.5], [8, 10]]
    assert scaled({"weight": rows["weight"], "weight_scale": torch.tensor(2.0)}).tolist() == [[2, -4], [6, 8]]


def test_packed_integers_by_hand():
    # What is stored is 8 more than it is: 0 is -8, 15 is 7.
    tensors = {"weight_packed": torch.tensor([[0x7654F210]]).int(), "weight_scale": torch.tensor([[2.0]])}
    assert compressed(tensors, 4, (1, 7)).tolist() == [[-16, -14, -12, 14, -8, -6, -4]]


def test_gptq_by_hand():
    # Two inputs of group 0, six of group 1; a stored zero is one less than it is. All eight outputs are alike.
    tensors = {
        "qweight": torch.full((1, 8), 0x76543210).int(),
        "qzeros": torch.tensor([[0], [0x33333333]]).int(),
        "scales": torch.tensor([[1.0] * 8, [10.0] * 8]).half(),
        "g_idx": torch.tensor([0, 0, 1, 1, 1, 1, 1, 1]),
    }
    assert gptq(tensors, 4, zero_offset=1).tolist() == [[-1, 0, -20, -10, 0, 10, 20, 30]] * 8
    in_order = {name: tensor for name, tensor in tensors.items() if name != "g_idx"}
    assert gptq(in_order, 4, zero_offset=0).tolist() == [[0, 1, 2, 3, 10, 20, 30, 40]] * 8


def test_awq_by_hand():
    # Nibble i of a word is column 0, 2, 4, 6, 1, 3, 5, 7.
    tensors = {
        "qweight": torch.tensor([[0x75316420]]).int(),
        "qzeros": torch.zeros(1, 1).int(),
        "scales": torch.ones(1, 8).half(),
    }
    assert awq(tensors).tolist() == [[0], [1], [2], [3], [4], [5], [6], [7]]


def test_four_bits_by_hand():
    tensors = {
        "weight": torch.tensor([[0x0F], [0x7F]], dtype=torch.uint8),
        "weight_absmax": torch.tensor([3.0, 5.0]),
        "weight_quant_map": torch.tensor(NF4),
    }
    assert blockwise4(tensors, (2, 2), blocksize=2).tolist() == [[-3, 3], [0, 5]]
    nested = tensors | {
        "weight_absmax": torch.tensor([0, 1], dtype=torch.uint8),
        "weight_nested_quant_map": torch.linspace(-1, 1, 2).repeat(128),
        "weight_nested_absmax": torch.tensor([2.0]),
    }
    # -1 * 2 + 10 and 1 * 2 + 10
    assert blockwise4(nested, (2, 2), blocksize=2, nested_offset=10.0).tolist() == [[-8, 8], [0, 12]]


def test_eight_bits_by_hand():
    tensors = {"weight": torch.tensor([[127, -127], [64, 0]], dtype=torch.int8), "SCB": torch.tensor([2.0, 127.0])}
    assert rowwise8(tensors).tolist() == [[2, -2], [64, 0]]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_as_it_was_written(form):
    weight = torch.randn(64, 96, generator=torch.Generator().manual_seed(1))
    parts, wanted = FORMS[form].write(weight)
    layer = "model.layers.0.mlp.up_proj"
    found = stored_parts([f"{layer}.{part}" for part in parts] + [f"{layer}.bias", "model.norm.weight"])
    assert list(found) == [layer]
    state = next((json.loads(bytes(parts[part].tolist())) for part in parts if "quant_state" in part), None)
    unpack = unpacker(read_storage({"quantization_config": FORMS[form].settings}, ["I8"]), (64, 96), state)
    tensors = {part.replace(".", "_"): parts[part] for part in found[layer]}
    before = {name: tensor.clone() for name, tensor in tensors.items()}
    torch.testing.assert_close(unpack(tensors), wanted, rtol=1e-6, atol=1e-7)
    assert all(torch.equal(tensor.float(), before[name].float()) for name, tensor in tensors.items())
    correlation = torch.corrcoef(torch.stack([wanted.flatten(), weight.flatten()]))[0, 1]
    assert correlation > 0.99
