import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core import Explainer, ModelError
from core.embedded import CHECKPOINT
from core.heatmap import rank_correlation
from core.inputs.pictures import load_picture
from core.memory.budget import actual_bytes
from core.models.checkpoints import describe_model
from core.models.loading import load_model
from core.models.quantisation.linear import StoredLinear
from core.scenes.scene import sample
from tests.core.models.quantisation.writers import FORMS, store
from tests.some import some

SCENE = sample(1_700_001, "where")


def maps(explainer):
    return explainer.explain(load_picture(SCENE.image), SCENE.question, num_samples=1, noise_std=0.0).heat


@pytest.fixture(scope="module")
def plain(explainer):
    """Maps of the embedded model as it is."""
    return maps(explainer)


def decoder_weights(loaded):
    linear = (torch.nn.Linear, StoredLinear)
    return {
        f"{number}.{name}": module
        for number, layer in enumerate(loaded.layers)
        for name, module in layer.named_modules()
        if isinstance(module, linear)
    }


@pytest.mark.parametrize("form", FORMS)
def test_a_folder_of_every_form_is_loaded_as_the_plain_weights_that_it_stands_for(form, tmp_path):
    small = load_model(store(CHECKPOINT, tmp_path / "small", FORMS[form]), "cpu")
    wanted = load_file(tmp_path / "small-plain" / "model.safetensors")
    for name, module in some(decoder_weights(small).items()):
        assert isinstance(module, StoredLinear)
        plain = wanted[f"model.layers.{name}.weight"]
        torch.testing.assert_close(module.weight, plain, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("form", "least"), [("fp8 in blocks", 0.98), ("gptq", 0.95)])
def test_so_are_its_maps(form, least, tmp_path, explainer, plain):
    folder = store(CHECKPOINT, tmp_path / "small", FORMS[form])
    small, wanted = (Explainer.from_pretrained(each, "cpu") for each in (folder, tmp_path / "small-plain"))
    assert actual_bytes(small.loaded.model) < actual_bytes(wanted.loaded.model)
    found, like = maps(small), maps(wanted)
    np.testing.assert_allclose(found, like, rtol=1e-3, atol=1e-4 * np.abs(like).max())
    # And the maps of what was quantised.
    assert min(rank_correlation(own, true) for own, true in zip(found, plain, strict=True)) > least


@pytest.mark.parametrize(("quantisation", "least", "share"), [("8bit", 0.999, 0.56), ("4bit", 0.99, 0.49)])
def test_a_plain_folder_is_rounded_as_it_is_loaded(quantisation, least, share, explainer, plain):
    small = Explainer.from_pretrained(None, "cpu", quantisation=quantisation)
    assert all(isinstance(module, StoredLinear) for module in some(decoder_weights(small.loaded).values()))
    assert isinstance(small.loaded.model.lm_head, torch.nn.Linear)
    # By heat, not by rank: the order of cells that hardly hold any is that of the rounding.
    correlations = [np.corrcoef(own.ravel(), true.ravel())[0, 1] for own, true in zip(maps(small), plain, strict=True)]
    assert min(correlations) > least
    assert actual_bytes(small.loaded.model) < share * actual_bytes(explainer.loaded.model)


def test_what_is_quantised_is_not_rounded_again(tmp_path):
    folder = store(CHECKPOINT, tmp_path / "small", FORMS["fp8 by rows"])
    assert describe_model(folder, "cpu").bits == 8
    with pytest.raises(ModelError, match="quantised to 8 bits already. Leave the option 4bit out."):
        describe_model(f"{folder};4bit", "cpu")


def test_settings_of_weights_that_are_plain_are_left_aside(tmp_path):
    folder = store(CHECKPOINT, tmp_path / "small", FORMS["fp8 by rows"])
    left = tmp_path / "small-plain"
    config = json.loads((left / "config.json").read_text())
    said = json.loads((folder / "config.json").read_text())["quantization_config"]
    (left / "config.json").write_text(json.dumps(config | {"quantization_config": said}))
    assert describe_model(left, "cpu").bits is None
    loaded = load_model(left, "cpu")
    assert not any(isinstance(module, StoredLinear) for module in loaded.model.modules())


def test_a_form_that_is_not_read_is_refused(tmp_path):
    folder = store(CHECKPOINT, tmp_path / "small", FORMS["int8"])
    config = json.loads((folder / "config.json").read_text())
    config["quantization_config"] = {"quant_method": "hqq"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ModelError, match=r"quantised \(hqq\), and are not read here"):
        describe_model(folder, "cpu")


def test_codes_without_their_scale_are_refused(tmp_path):
    folder = store(CHECKPOINT, tmp_path / "small", FORMS["fp8 by rows"])
    tensors = load_file(folder / "model.safetensors")
    save_file(
        {name: each for name, each in tensors.items() if "3.mlp.up_proj.weight_scale" not in name},
        folder / "model.safetensors",
    )
    with pytest.raises(
        ModelError, match="layers.3.mlp.up_proj.weight is quantised, and what it is scaled by is not found"
    ):
        load_model(folder, "cpu")
