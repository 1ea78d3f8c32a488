import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from core import Explainer
from core.embedded import CHECKPOINT
from core.errors import ModelError
from core.models.families.qwen_vl import ImageTextProcessor
from core.models.loading import load_model, wrap_model
from tests.benchmarks.sizes import build
from tests.conftest import gradient_picture


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


def test_a_folder_as_the_hub_has_it_gives_the_same_map(explainer, folder):
    """The layout of Qwen's own uploads: flat configuration, old rope fields, pixel bounds, sampling settings."""
    config = json.loads((folder / "config.json").read_text())
    text, vision = config.pop("text_config"), config.pop("vision_config")
    rope = text.pop("rope_parameters")
    for name in ("layer_types", "model_type", "use_cache"):
        text.pop(name)
    vision["in_chans"] = vision.pop("in_channels")
    vision.pop("rope_parameters")
    config |= text | {
        "rope_theta": rope["rope_theta"],
        "rope_scaling": {"type": "mrope", "mrope_section": rope["mrope_section"]},
        "vision_config": {**vision, "model_type": "qwen2_5_vl"},
        "torch_dtype": "bfloat16",
        "transformers_version": "4.41.2",
    }
    pixels = json.loads((folder / "preprocessor_config.json").read_text())
    size = pixels.pop("size")
    pixels |= {"min_pixels": size["shortest_edge"], "max_pixels": size["longest_edge"]}
    pixels["processor_class"] = "Qwen2_5_VLProcessor"
    tokenizer = json.loads((folder / "tokenizer_config.json").read_text())
    tokenizer["additional_special_tokens"] = tokenizer.pop("extra_special_tokens")
    template = (folder / "chat_template.jinja").read_text()
    (folder / "chat_template.jinja").unlink()
    tokens = {"eos_token_id": [config["eos_token_id"], config["bos_token_id"]], "pad_token_id": config["pad_token_id"]}
    files = {
        "config.json": config,
        "preprocessor_config.json": pixels,
        "tokenizer_config.json": tokenizer,
        "chat_template.json": {"chat_template": template},
        "generation_config.json": {"do_sample": True, "temperature": 0.1, "top_k": 1, "top_p": 0.001, **tokens},
    }
    for name, values in files.items():
        (folder / name).write_text(json.dumps(values))
    hub = Explainer.from_pretrained(folder, device="cpu")
    picture, question = gradient_picture(168, 252), "Where is the red square?"
    ours, theirs = (each.explain(picture, question, num_samples=2) for each in (explainer, hub))
    assert theirs.answer == ours.answer
    assert np.array_equal(theirs.heat, ours.heat)


def test_sharded_weights_load(explainer, tmp_path):
    explainer.loaded.model.save_pretrained(tmp_path, max_shard_size="2MB")
    explainer.loaded.processor.save_pretrained(tmp_path)
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    assert load_model(tmp_path, device="cpu").fingerprint != explainer.loaded.fingerprint


def test_bfloat16_stays_finite(explainer, folder):
    from dataclasses import replace

    from core.models.checkpoints import describe_model

    half = Explainer(load_model(replace(describe_model(folder, device="cpu"), dtype="bfloat16")))
    result = half.explain(gradient_picture(112, 140), "Where?", num_samples=2, max_new_tokens=3)
    assert half.loaded.model.dtype == torch.bfloat16 and result.heat.dtype == "float32"
    assert (result.heat.max((1, 2)) > 0).all()


def test_truncated_weights(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="model.safetensors in .* is not whole: it has 1,000 bytes"):
        load_model(folder, device="cpu")


def test_weights_that_do_not_fit_the_configuration(folder):
    _change_patch_embedding(folder, lambda weight: weight[:, :, :, :7].contiguous())
    with pytest.raises(ModelError, match="patch_embed.proj.weight, .* in the file and .* by the configuration"):
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


@pytest.fixture
def other():
    """A model that a test may spoil."""
    return build("tiny").loaded


def test_a_model_on_several_devices_that_nothing_brings_together_is_refused(other):
    other.layers[1].to("meta")
    with pytest.raises(ModelError, match="several devices, and nothing brings its inputs there. Load it with device_"):
        wrap_model(other.model, other.processor)


def test_four_bits_are_refused_on_the_cpu_and_eight_are_not(other):
    other.model.is_loaded_in_8bit = True
    assert wrap_model(other.model, other.processor).model is other.model
    other.model.is_loaded_in_4bit = True
    with pytest.raises(ModelError, match="4 bits.*no backward pass"):
        wrap_model(other.model, other.processor)
