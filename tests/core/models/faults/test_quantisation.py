"""A `quantization_config` that was left behind, and one that is meant."""

import numpy as np
import pytest
import torch

from core import Explainer
from core.models.faults.quantisation import are_plain, leftover_note
from core.models.folders.weights import stored_tensors
from tests.conftest import gradient_picture

SAID = {"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}}


def test_plain_weights_are_taken_as_they_are(copied, edited, folder_of):
    folder = copied()
    edited(folder, "config.json", lambda config: config.update(SAID))
    plain, said = (Explainer.from_pretrained(each, device="cpu") for each in (folder_of("qwen2_5_vl"), folder))
    assert said.loaded.notes == (
        f"The config.json of {folder.name} speaks of quantised weights, but its weights are plain. They are taken as "
        "they are.",
    )
    picture = gradient_picture(84, 112)
    ours, theirs = (each.explain(picture, "Where?", num_samples=1, max_new_tokens=2) for each in (plain, said))
    assert ours.answer == theirs.answer and np.array_equal(ours.heat, theirs.heat)


@pytest.mark.parametrize(
    "beside",
    [
        {"model.layers.0.mlp.up_proj.qweight": torch.ones(3, dtype=torch.int32)},
        {"model.layers.0.mlp.up_proj.weight_scale_inv": torch.ones(3)},
        {"model.layers.0.mlp.up_proj.eight": torch.ones(3).to(torch.float8_e4m3fn)},
    ],
)
def test_quantised_weights_are_not_plain(copied, reweighted, edited, beside):
    folder = copied()
    edited(folder, "config.json", lambda config: config.update(SAID))
    assert are_plain(stored_tensors(folder)) and leftover_note(folder, "it") is not None
    reweighted(folder, lambda weights: weights.update(beside))
    assert not are_plain(stored_tensors(folder)) and leftover_note(folder, "it") is None


def test_folders_that_cannot_be_read_have_no_note(tmp_path, copied, edited):
    assert leftover_note(tmp_path, "it") is None
    folder = copied()
    edited(folder, "config.json", lambda config: config.update(SAID))
    (folder / "model.safetensors").write_bytes(b"nothing")
    assert leftover_note(folder, "it") is None
