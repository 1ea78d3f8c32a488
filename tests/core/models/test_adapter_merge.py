import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import ModelError
from core.models.adapter_merge import merge_adapter
from core.models.adapters import read_adapter
from core.models.families import FAMILIES
from core.models.loading import load_model
from core.models.options import ModelOptions
from tests.core.models.families.checkpoints import build
from tests.core.models.lora import beside, write_adapter
from tests.some import some

DECODER = "model.language_model"
TOLERANCE = 1e-5


@pytest.fixture
def network(base):
    return load_model(base, device="cpu").model


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "tuned"


def logits(network):
    ids = torch.arange(5, 25)[None]
    with torch.no_grad():
        return network(input_ids=ids).logits


def linears(network, *ends):
    """Names of the decoder's modules with such ends."""
    return [name for name, _ in network.named_modules() if name.startswith(DECODER) and name.endswith(ends)]


def merged_equals_unmerged(network, folder, modules, tensors, scaling):
    """Whether the merged model computes what the base does with the LoRA beside it; and that it does anything."""
    plain = logits(network)
    with beside(network, modules, tensors, scaling):
        unmerged = logits(network)
    merge_adapter(network, read_adapter(folder))
    merged = logits(network)
    assert (merged - plain).abs().max() > 0.1
    return (merged - unmerged).abs().max() < TOLERANCE * max(1.0, float(unmerged.abs().max()))


def test_merged_equals_unmerged(network, folder):
    modules = linears(network, "q_proj", "v_proj", "down_proj")
    tensors = write_adapter(folder, network, modules, lora_alpha=16)
    assert merged_equals_unmerged(network, folder, modules, tensors, lambda name: 16 / 4)


def test_so_it_is_rank_stabilised_and_with_patterns(network, folder):
    modules = linears(network, "q_proj", "v_proj")
    patterns = {"rank_pattern": {"layers.1.self_attn.q_proj": 2}, "alpha_pattern": {"v_proj": 3}}
    tensors = write_adapter(folder, network, modules, use_rslora=True, **patterns)

    def scaling(name):
        rank = 2 if name.endswith("layers.1.self_attn.q_proj") else 4
        return (3 if name.endswith("v_proj") else 8) / rank**0.5

    assert merged_equals_unmerged(network, folder, modules, tensors, scaling)


def test_so_it_is_of_a_dora(network, folder):
    modules = linears(network, "q_proj", "down_proj")
    tensors = write_adapter(folder, network, modules, use_dora=True)
    assert merged_equals_unmerged(network, folder, modules, tensors, lambda name: 2.0)


def test_so_it_is_of_embeddings_and_the_head(network, folder):
    modules = [f"{DECODER}.embed_tokens", "lm_head"]
    tensors = write_adapter(folder, network, modules)
    assert merged_equals_unmerged(network, folder, modules, tensors, lambda name: 2.0)


@pytest.mark.parametrize("name", FAMILIES)
def test_so_it_is_of_every_family_and_of_its_vision_tower(name, tmp_path, folder):
    """Merged weights are the sums; the model computes the same with them, rounding aside.

    What enters a recurrence over tokens (`in_proj` of Qwen3.5) is left out of the latter: it adds rounding up.
    """
    model = tmp_path / name
    model.mkdir()
    build(name, model)
    network = load_model(model, device="cpu").model
    modules = [
        each
        for each, module in network.named_modules()
        if isinstance(module, torch.nn.Linear) and not any(part in each for part in ("lm_head", "pooler", "in_proj"))
    ]
    tensors = write_adapter(folder, network, modules, lora_alpha=4)
    assert any("vision" in each or "visual" in each for each in modules)
    before = {each: network.get_submodule(each).weight.double() for each in modules}
    assert merged_equals_unmerged(network, folder, modules, tensors, lambda name: 1.0)
    for each in some(modules):
        a, b = (tensors[f"base_model.model.{each}.lora_{part}.weight"].double() for part in "AB")
        assert torch.allclose(network.get_submodule(each).weight.double(), before[each] + b @ a, rtol=1e-6, atol=1e-6)
    kept = load_model(model, device="cpu", options=ModelOptions(adapter=str(folder))).model.state_dict()
    assert all(torch.equal(kept[key], tensor) for key, tensor in network.state_dict().items())


def test_names_of_earlier_versions_of_transformers(network, folder):
    """As adapters trained with 4.49 have them: the decoder at `model.layers`, the tower at `visual`."""
    modules = {
        f"{DECODER}.layers.{layer}.self_attn.q_proj": f"model.layers.{layer}.self_attn.q_proj" for layer in (0, 2)
    }
    modules["model.visual.blocks.1.attn.qkv"] = "visual.blocks.1.attn.qkv"
    tensors = write_adapter(folder, network, modules, alpha_pattern={"model.layers.2.self_attn.q_proj": 4})
    before = network.model.visual.blocks[1].attn.qkv.weight.clone()

    def scaling(name):
        return 1.0 if name.startswith("model.layers.2") else 2.0

    assert merged_equals_unmerged(network, folder, modules, tensors, scaling)
    assert not torch.equal(before, network.model.visual.blocks[1].attn.qkv.weight)


def test_those_of_llava_too(tmp_path, folder):
    model = tmp_path / "llava"
    model.mkdir()
    build("llava", model)
    network = load_model(model, device="cpu").model
    modules = {
        f"{DECODER}.layers.1.mlp.up_proj": "language_model.model.layers.1.mlp.up_proj",
        "model.multi_modal_projector.linear_1": "multi_modal_projector.linear_1",
    }
    tensors = write_adapter(folder, network, modules)
    assert merged_equals_unmerged(network, folder, modules, tensors, lambda name: 2.0)


def test_tensors_that_are_stored_whole_take_the_place_of_the_base_s(network, folder):
    tensors = write_adapter(folder, network, linears(network, "q_proj"), saved=["lm_head.weight"])
    merge_adapter(network, read_adapter(folder))
    assert torch.equal(network.lm_head.weight, tensors["base_model.model.lm_head.weight"])
    renamed = {key.replace("lm_head.weight", "lm_head.modules_to_save.default.weight"): tensors[key] for key in tensors}
    save_file(renamed, folder / "adapter_model.safetensors")
    network.lm_head.weight.data.zero_()
    merge_adapter(network, read_adapter(folder))
    assert torch.equal(network.lm_head.weight, tensors["base_model.model.lm_head.weight"])


def test_of_tied_weights_the_one_that_is_named_changes(network, folder):
    embedding = network.model.language_model.embed_tokens
    network.lm_head.weight = embedding.weight
    before = embedding.weight.clone()
    write_adapter(folder, network, [f"{DECODER}.embed_tokens"])
    merge_adapter(network, read_adapter(folder))
    assert torch.equal(network.lm_head.weight, before) and not torch.equal(embedding.weight, before)


def test_types_stay_and_nothing_wants_a_gradient(network, folder):
    network.to(torch.bfloat16)
    write_adapter(folder, network, linears(network, "q_proj"))
    merge_adapter(network, read_adapter(folder))
    assert {parameter.dtype for parameter in network.parameters()} == {torch.bfloat16}
    assert not any(parameter.requires_grad for parameter in network.parameters())


def test_an_adapter_of_another_base_says_which_weights_do_not_fit(network, folder, base, tmp_path):
    write_adapter(folder, network, linears(network, "q_proj"))
    _rename(folder, "layers.2.", "layers.7.")
    with pytest.raises(ModelError, match=r"another model: it changes 1 .* such as .*layers\.7\.self_attn\.q_proj"):
        load_model(base, device="cpu", options=ModelOptions(adapter=str(folder)))
    wide = tmp_path / "wide"
    write_adapter(wide, network, linears(network, "q_proj"))
    tensors = load_file(wide / "adapter_model.safetensors")
    key = next(key for key in tensors if "layers.1" in key and "lora_A" in key)
    tensors[key] = torch.zeros(4, 96)
    save_file(tensors, wide / "adapter_model.safetensors")
    with pytest.raises(ModelError, match=r"layers\.1\.self_attn\.q_proj\.weight of 64 x 96 numbers.*64 x 64"):
        load_model(base, device="cpu", options=ModelOptions(adapter=str(wide)))


def test_saved_tensors_of_another_shape(network, folder):
    write_adapter(folder, network, linears(network, "q_proj"), saved=["lm_head.weight"])
    tensors = load_file(folder / "adapter_model.safetensors")
    tensors["base_model.model.lm_head.weight"] = torch.zeros(1000, 64)
    save_file(tensors, folder / "adapter_model.safetensors")
    with pytest.raises(ModelError, match=r"lm_head\.weight of 1000 x 64"):
        merge_adapter(network, read_adapter(folder))


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda tensors: {key: tensors[key] for key in tensors if "lora_B" not in key}, "lacks tensors of"),
        (lambda tensors: {key: tensors[key] for key in tensors if "v_proj" not in key}, "lacks the tensors of v_proj"),
        (lambda tensors: {}, "holds no tensors"),
        (
            lambda tensors: {
                key.replace("lora_A", f"lora_A.{'one' if '.0.' in key else 'two'}"): tensors[key] for key in tensors
            },
            "holds 3 adapters",
        ),
    ],
)
def test_files_that_hold_too_little_or_too_much(network, folder, change, sentence):
    write_adapter(folder, network, linears(network, "q_proj", "v_proj"))
    save_file(change(load_file(folder / "adapter_model.safetensors")), folder / "adapter_model.safetensors")
    with pytest.raises(ModelError, match=sentence):
        merge_adapter(network, read_adapter(folder))


def test_a_rank_that_the_tensors_do_not_have(network, folder):
    write_adapter(folder, network, linears(network, "q_proj"))
    config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    (folder / "adapter_config.json").write_text(json.dumps(config | {"r": 16}), "utf-8")
    with pytest.raises(ModelError, match="rank 16, but its tensors have 4 and 4"):
        merge_adapter(network, read_adapter(folder))


def test_a_base_that_is_quantised_or_offloaded(network, folder):
    write_adapter(folder, network, linears(network, "q_proj"))
    whole, other = (network.get_submodule(name) for name in linears(network, "q_proj")[:2])
    weight = whole.weight
    whole.weight = torch.nn.Parameter(weight.to(torch.uint8), requires_grad=False)
    with pytest.raises(ModelError, match="cannot be merged into quantised weights"):
        merge_adapter(network, read_adapter(folder))
    whole.weight = weight
    other.to("meta")
    with pytest.raises(ModelError, match="parts are offloaded"):
        merge_adapter(network, read_adapter(folder))


def test_a_truncated_file(network, folder, base):
    write_adapter(folder, network, linears(network, "q_proj"))
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(base, device="cpu", options=ModelOptions(adapter=str(folder)))


def test_the_base_stays_as_it_is(base, network, folder):
    write_adapter(folder, network, linears(network, "q_proj"), base=base)
    shutil.copy(base / "config.json", folder)  # as trainers leave it there
    before = logits(network)
    assert not torch.allclose(logits(load_model(folder, device="cpu").model), before)
    assert torch.equal(logits(load_model(base, device="cpu").model), before)


def _rename(folder, old, new):
    tensors = load_file(folder / "adapter_model.safetensors")
    save_file({key.replace(old, new): tensors[key] for key in tensors}, folder / "adapter_model.safetensors")
