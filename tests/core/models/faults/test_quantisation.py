"""A `quantization_config` that was left behind, and one that is meant."""

import numpy as np
import pytest
import torch

from core import Explainer
from core.errors import ModelError
from core.models.faults.quantisation import holds_plain_weights
from core.models.loading import load_model
from tests.conftest import gradient_picture

SAID = {"quantization_config": {"quant_method": "bitsandbytes", "load_in_4bit": True}}


def test_plain_weights_are_taken_as_they_are(copied, edited, built):
    folder = copied()
    edited(folder, "config.json", lambda config: config.update(SAID))
    plain, said = (Explainer.from_pretrained(each, device="cpu") for each in (built("qwen2_5_vl"), folder))
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
        {"model.layers.0.mlp.up_proj.weight.absmax": torch.ones(3)},
        {"model.layers.0.mlp.up_proj.SCB": torch.ones(3)},
        {"model.layers.0.mlp.up_proj.qweight": torch.ones(3, dtype=torch.int32)},
        {"model.layers.0.mlp.up_proj.weight_scale_inv": torch.ones(3)},
        {"model.layers.0.mlp.up_proj.packed": torch.ones(3, dtype=torch.uint8)},
        {"model.layers.0.mlp.up_proj.eight": torch.ones(3).to(torch.float8_e4m3fn)},
    ],
)
def test_quantised_weights_are_not_plain(copied, reweighted, edited, beside):
    folder = copied()
    assert holds_plain_weights(folder)
    reweighted(folder, lambda weights: weights.update(beside))
    assert not holds_plain_weights(folder)
    edited(folder, "config.json", lambda config: config.update(SAID))
    with pytest.raises(ModelError, match=r"quantised \(bitsandbytes\)"):
        load_model(folder, device="cpu")


def test_files_that_are_not_there_or_cannot_be_read(tmp_path):
    assert not holds_plain_weights(tmp_path)
    (tmp_path / "model.safetensors").write_bytes(b"nothing")
    assert not holds_plain_weights(tmp_path)
