"""What models may take, and what one does: from its files before it is loaded, from its tensors afterwards."""

import struct
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from core import ModelError
from core.embedded import CHECKPOINT
from core.memory.budget import SHARE, UNPACKING, Budget, actual_bytes, expected_bytes, is_offered_room, tensor_bytes
from core.models.checkpoints import describe_model
from core.models.loading import load_model
from tests.core.models.quantisation.writers import FORMS, store


@pytest.fixture
def card(tmp_path):
    return replace(describe_model(device="cpu"), folder=tmp_path)


def test_the_size_is_that_of_the_tensors_as_they_will_be_loaded(card):
    first = {"a": torch.zeros(3, 4, dtype=torch.bfloat16), "b": torch.zeros((), dtype=torch.float16)}
    second = {"c": torch.zeros(5, dtype=torch.int64), "d": torch.zeros(7, dtype=torch.bool), "e": torch.zeros(2)}
    save_file(first, card.folder / "model-00001-of-00002.safetensors")
    save_file(second, card.folder / "model-00002-of-00002.safetensors")
    save_file({"f": torch.zeros(1000)}, card.folder / "consolidated.safetensors")  # which is not read beside the others
    assert expected_bytes(card) == (12 + 1 + 2) * 4 + 5 * 8 + 7
    assert expected_bytes(replace(card, dtype="bfloat16")) == (12 + 1 + 2) * 2 + 5 * 8 + 7


def test_no_files_are_no_bytes_and_damaged_ones_a_sentence(card):
    assert expected_bytes(card) == 0
    for content in (b"no header", struct.pack("<Q", 1 << 40) + b"{}"):
        (card.folder / "model.safetensors").write_bytes(content)
        with pytest.raises(ModelError, match="could not be loaded"):
            expected_bytes(card)


def test_what_was_expected_of_the_embedded_model_comes_true(explainer):
    expected, actual = expected_bytes(describe_model(device="cpu")), actual_bytes(explainer.loaded.model)
    assert expected <= actual < 1.01 * expected  # rotary tables are in no file


@pytest.mark.parametrize("quantisation", ["8bit", "4bit"])
def test_rounded_weights_are_counted_as_they_will_be(quantisation):
    card = describe_model(f"embedded;{quantisation}", device="cpu")
    expected, actual = sum(tensor_bytes(card).values()), actual_bytes(load_model(card).model)
    assert expected <= actual < 1.02 * expected < 0.6 * expected_bytes(describe_model(device="cpu"))
    # While one of them is made plain.
    assert expected_bytes(card) == pytest.approx(expected + 128 * 256 * (UNPACKING + 4), rel=0.03)


@pytest.mark.parametrize("form", ["fp8 in blocks", "gptq", "nf4, nested"])
def test_so_are_stored_ones(form, tmp_path):
    card = describe_model(store(CHECKPOINT, tmp_path / "small", FORMS[form]), device="cpu")
    assert sum(tensor_bytes(card).values()) == pytest.approx(actual_bytes(load_model(card).model), rel=0.02)


def test_of_offloaded_layers_one_is_there_at_a_time():
    plain, spread = (describe_model(name, device="cpu") for name in (None, "embedded;device_map=disk"))
    layers = {name: size for name, size in tensor_bytes(plain).items() if name.startswith("model.layers.")}
    one = sum(size for name, size in layers.items() if name.startswith("model.layers.0."))
    assert expected_bytes(spread) == expected_bytes(plain) - sum(layers.values()) + one > one > 0
    # On the CPU, layers on the CPU are where they are computed.
    assert expected_bytes(describe_model("embedded;device_map=cpu", device="cpu")) == expected_bytes(plain)
    assert is_offered_room(describe_model("embedded;device_map=auto", device="cpu")) and not is_offered_room(spread)


def test_it_is_told_without_torch():
    code = (
        "import sys; from core.memory.budget import *; from core.models.checkpoints import describe_model;"
        "print(expected_bytes(describe_model(device='cpu')), Budget().on('cpu')); assert 'torch' not in sys.modules"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert int(told[0]) == expected_bytes(describe_model(device="cpu")) and float(told[1]) > 0


def test_shared_tensors_count_once():
    one = nn.Linear(10, 10, bias=False)
    two = nn.Linear(10, 10, bias=False)
    two.weight = one.weight
    two.register_buffer("table", torch.zeros(6, dtype=torch.bfloat16))
    assert actual_bytes(nn.ModuleList([one, two])) == 400 + 12


def test_without_a_number_the_processes_divide_a_share(monkeypatch):
    monkeypatch.setattr("core.memory.budget.memory_of", lambda device: (10.0, 1000.0))
    assert Budget().on("cpu") == 1000 * SHARE and Budget(processes=4).on("cpu") == 250 * SHARE
    assert Budget(77, processes=4).on("cpu") == 77
