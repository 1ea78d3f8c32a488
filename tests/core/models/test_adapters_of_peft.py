"""Folders that PEFT itself writes, against PEFT's own unmerged layers."""

import json
import shutil

import peft
import pytest
import torch
from safetensors.torch import load_file, save_file

from core import Explainer, Target
from core.models.loading import load_model, wrap_model
from core.schema.methods import ONE_PASS_METHODS
from tests.conftest import gradient_picture
from tests.some import some

QWEN = r".*language_model.*\.(q_proj|k_proj)"


@pytest.fixture(scope="session")
def tied(base, tmp_path_factory):
    """The same with one matrix for embeddings and head, as Qwen2.5-VL-3B has it."""
    folder = shutil.copytree(base, tmp_path_factory.mktemp("tied") / "tiny-tied")
    config = json.loads((folder / "config.json").read_text("utf-8"))
    for part in (config, config.get("text_config", {})):
        part["tie_word_embeddings"] = True
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    weights = load_file(folder / "model.safetensors")
    del weights["lm_head.weight"]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


CASES = {
    "list": {"target_modules": ["q_proj", "v_proj", "down_proj"]},
    "expression": {"target_modules": QWEN, "use_rslora": True, "lora_alpha": 16},
    "patterns": {
        "target_modules": ["q_proj", "v_proj"],
        "rank_pattern": {"layers.1.self_attn.q_proj": 2},
        "alpha_pattern": {"v_proj": 3},
    },
    "dora": {"target_modules": "all-linear", "use_dora": True},
    "layers": {"target_modules": ["q_proj"], "layers_to_transform": [1]},
    "saved head": {"target_modules": QWEN, "modules_to_save": ["lm_head"]},
    "saved embeddings": {"target_modules": QWEN, "modules_to_save": ["embed_tokens"]},
    "embeddings and head": {"target_modules": ["embed_tokens", "lm_head"]},
    "convolution": {"target_modules": ["proj", "q_proj"]},
    "biases": {"target_modules": ["q_proj"], "bias": "all"},
    "kept alike": {"target_modules": ["q_proj", "embed_tokens"], "ensure_weight_tying": True},
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("is_tied", [False, True], ids=["two matrices", "one matrix"])
@pytest.mark.parametrize("case", CASES)
def test_merged_here_equals_unmerged_there(case, is_tied, base, tied, tmp_path):
    plain = tied if is_tied else base
    folder = tmp_path / "tuned"
    torch.manual_seed(0)
    tuned = peft.get_peft_model(load_model(plain, device="cpu").model, peft.LoraConfig(r=4, **CASES[case]))
    generator = torch.Generator().manual_seed(1)
    for name, parameter in tuned.named_parameters():
        if "lora_" in name or "modules_to_save" in name or (name.endswith(".bias") and "bias" in CASES[case]):
            parameter.data += 0.1 * torch.randn(parameter.shape, generator=generator)
    tuned.save_pretrained(folder)
    ids = torch.arange(5, 25)[None]
    with torch.no_grad():
        before = load_model(plain, device="cpu").model(input_ids=ids).logits
        unmerged = peft.PeftModel.from_pretrained(load_model(plain, device="cpu").model, folder).eval()(input_ids=ids)
        merged = load_model(folder, device="cpu").model(input_ids=ids)
    assert (merged.logits - before).abs().max() > 0.1
    assert (merged.logits - unmerged.logits).abs().max() < 1e-5 * unmerged.logits.abs().max()


@pytest.mark.filterwarnings("ignore")
def test_maps_of_a_peft_model_are_those_of_the_merged_one(base, tmp_path):
    """Of every method of the one pass: heads and convolutions count with what adapters add to them."""
    folder, picture = tmp_path / "tuned", gradient_picture(112, 140)
    torch.manual_seed(0)
    plain = load_model(base, device="cpu")
    tuned = peft.get_peft_model(
        plain.model, peft.LoraConfig(r=4, target_modules=["q_proj", "proj", "lm_head", "down_proj"], lora_alpha=16)
    )
    for name, parameter in tuned.named_parameters():
        if "lora_" in name:
            parameter.data += 0.05 * torch.randn(parameter.shape)
    tuned.save_pretrained(folder)
    options = {"num_samples": 2, "target": Target.answer(sentence="Top left."), "method": ONE_PASS_METHODS}
    unmerged = Explainer(wrap_model(tuned, plain.processor)).explain(picture, "Where?", **options)
    merged = Explainer.from_pretrained(folder, device="cpu").explain(picture, "Where?", **options)
    before = Explainer.from_pretrained(base, device="cpu").explain(picture, "Where?", **options)
    assert any(parameter.requires_grad for parameter in tuned.parameters())  # the caller's flags are as they were
    for method in some(ONE_PASS_METHODS):
        ours, theirs, plain = (each.of(method).heat for each in (merged, unmerged, before))
        close = 1e-2 if method == "xgradcam" else 1e-3  # which divides by sums that may be small
        assert abs(ours - theirs).max() < close * abs(ours).max(), method
        assert abs(ours - plain).max() > 2e-2 * abs(ours).max(), method
