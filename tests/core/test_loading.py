import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from core import Explainer
from core.embedded import CHECKPOINT
from core.errors import ModelError
from core.families import ImageTextProcessor
from core.loading import load_model, wrap_model


@pytest.fixture
def folder(tmp_path):
    return shutil.copytree(CHECKPOINT, tmp_path / "copy")


def test_a_loaded_model_is_frozen_and_in_evaluation_mode(explainer):
    model = explainer.loaded.model
    assert not model.training and not any(p.requires_grad for p in model.parameters())
    assert model.dtype == torch.float32 and model.config._attn_implementation == "sdpa"
    assert isinstance(explainer.loaded.processor, ImageTextProcessor)
    assert len(explainer.loaded.layers) == explainer.total_layers == 8


def test_a_folder_saved_by_transformers_loads_again(explainer, tmp_path):
    explainer.loaded.model.save_pretrained(tmp_path)
    explainer.loaded.processor.save_pretrained(tmp_path)
    again = load_model(tmp_path, device="cpu")
    ours, theirs = explainer.loaded.model.state_dict(), again.model.state_dict()
    assert ours.keys() == theirs.keys() and all(torch.equal(ours[k], theirs[k]) for k in ours)
    assert again.processor.chat_template == explainer.loaded.processor.chat_template


def test_sharded_weights_load(explainer, tmp_path):
    explainer.loaded.model.save_pretrained(tmp_path, max_shard_size="2MB")
    explainer.loaded.processor.save_pretrained(tmp_path)
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    assert load_model(tmp_path, device="cpu").fingerprint != explainer.loaded.fingerprint


def test_bfloat16_stays_finite(explainer, folder):
    from dataclasses import replace

    from core.checkpoints import describe_model
    from tests.conftest import gradient_picture

    half = Explainer(load_model(replace(describe_model(folder, device="cpu"), dtype="bfloat16")))
    result = half.explain(gradient_picture(112, 140), "Where?", num_samples=2, max_new_tokens=3)
    assert half.loaded.model.dtype == torch.bfloat16 and result.heat.dtype == "float32"
    assert (result.heat.max((1, 2)) > 0).all()


def test_truncated_weights(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="could not be loaded"):
        load_model(folder, device="cpu")


def test_weights_that_do_not_fit_the_configuration(folder):
    _change_patch_embedding(folder, lambda weight: weight[:, :, :, :7].contiguous())
    with pytest.raises(ModelError, match="could not be loaded"):
        load_model(folder, device="cpu")


def test_missing_weights_are_not_made_up(folder):
    _change_patch_embedding(folder, None)
    with pytest.raises(ModelError, match="lack 1 tensor"):
        load_model(folder, device="cpu")


def _change_patch_embedding(folder, change):
    weights = load_file(folder / "model.safetensors")
    (name,) = [name for name in weights if name.endswith("patch_embed.proj.weight")]
    weight = weights.pop(name)
    if change:
        weights[name] = change(weight)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def test_a_missing_tokenizer(folder):
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (folder / name).unlink()
    with pytest.raises(ModelError, match="tokenizer"):
        load_model(folder, device="cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA device here")
def test_cuda_where_there_is_none():
    with pytest.raises(ModelError, match="CUDA"):
        load_model(device="cuda")


def test_other_models_are_refused():
    with pytest.raises(ModelError, match="Linear"):
        wrap_model(torch.nn.Linear(2, 2), None)
