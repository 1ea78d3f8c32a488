import json
import shutil

import pytest
import torch
from safetensors.torch import save_file

from core.embedded import CHECKPOINT
from core.engine.model_pool import load_described
from core.errors import ModelError
from core.models.adapters import loadable_name, read_adapter
from core.models.checkpoints import describe_model
from core.models.options import ModelOptions

TENSORS = {"base_model.model.lm_head.lora_A.weight": torch.ones(2, 4)}


def write(folder, **config):
    folder.mkdir()
    save_file(TENSORS, folder / "adapter_model.safetensors")
    said = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["lm_head"], **config}
    (folder / "adapter_config.json").write_text(json.dumps(said), "utf-8")
    return folder


@pytest.fixture
def base(tmp_path):
    return shutil.copytree(CHECKPOINT, tmp_path / "my-base")


@pytest.fixture
def folder(tmp_path, base):
    return write(tmp_path / "tuned", base_model_name_or_path=str(base))


def card_of(folder, **options):
    return describe_model(folder, device="cpu", **options)


def test_a_folder_of_an_adapter_alone_is_a_model_with_its_base(folder, base):
    card, plain = card_of(folder), card_of(base)
    assert (card.name, card.folder, card.options.adapter) == ("my-base + tuned", base, str(folder))
    assert (card.model_type, card.total_layers, card.total_blocks) == (
        plain.model_type,
        plain.total_layers,
        plain.total_blocks,
    )
    assert plain.options.adapter is None and plain.fingerprint != card.fingerprint


def test_a_copied_config_changes_nothing(folder):
    before = card_of(folder)
    shutil.copy(CHECKPOINT / "config.json", folder)
    assert card_of(folder) == before


def test_the_adapter_can_be_named_beside_its_base(folder, base):
    assert card_of(base, options=ModelOptions(adapter=str(folder))) == card_of(folder)
    card = describe_model(None, device="cpu", options=ModelOptions(adapter=str(folder)))
    assert card.name == "embedded + tuned" and not card.is_embedded
    assert card.fingerprint == card_of(folder).fingerprint  # the same files, merged


def test_anything_that_changes_the_weights_changes_the_fingerprint(folder):
    seen = {card_of(folder).fingerprint}
    save_file({key: 2 * tensor for key, tensor in TENSORS.items()}, folder / "adapter_model.safetensors")
    seen.add(card_of(folder).fingerprint)
    config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    (folder / "adapter_config.json").write_text(json.dumps(config | {"lora_alpha": 8}), "utf-8")
    seen.add(card_of(folder).fingerprint)
    (folder / "README.md").write_text("trained in an afternoon", "utf-8")
    seen.add(card_of(folder).fingerprint)
    assert len(seen) == 3


def test_the_base_is_looked_for_beside_among_the_offered_and_in_the_hub_s_cache(tmp_path, base, monkeypatch):
    beside = write(tmp_path / "beside", base_model_name_or_path="Somebody/my-base")
    assert card_of(beside).folder == base
    (tmp_path / "models").mkdir()
    elsewhere = shutil.move(base, tmp_path / "models" / "my-base")
    with pytest.raises(ModelError, match=r"base of the adapter .*'Somebody/my-base', is not on this machine"):
        card_of(beside)
    assert card_of(beside, among=[str(elsewhere)]).folder == elsewhere
    monkeypatch.setattr("core.models.adapter_base.cached", lambda name, *_: elsewhere if "Somebody" in name else None)
    assert card_of(beside).folder == elsewhere
    at_home = write(tmp_path / "at-home", base_model_name_or_path="embedded")
    assert card_of(at_home).folder == CHECKPOINT


def test_an_adapter_that_names_no_base(tmp_path):
    with pytest.raises(ModelError, match="does not say which model it belongs to"):
        card_of(write(tmp_path / "orphan", base_model_name_or_path=None))


def test_a_name_of_both_can_be_loaded(folder, base, monkeypatch, tmp_path):
    name = loadable_name(card_of(folder).name)
    assert name == "my-base;adapter=tuned"
    monkeypatch.chdir(tmp_path)
    assert card_of(name).fingerprint == card_of(folder).fingerprint
    assert loadable_name("embedded + tuned") == "embedded;adapter=tuned" and loadable_name("my-base") == "my-base"


def test_two_adapters(tmp_path, folder, base):
    other = write(tmp_path / "other", base_model_name_or_path=str(base))
    with pytest.raises(ModelError, match="is an adapter, and another one is named with it"):
        card_of(folder, options=ModelOptions(adapter=str(other)))
    stacked = write(tmp_path / "stacked", base_model_name_or_path=str(folder))
    with pytest.raises(ModelError, match="base of the adapter .* is an adapter, too"):
        card_of(stacked)


def test_a_folder_with_adapters_in_folders_of_their_own(tmp_path, base):
    (tmp_path / "several").mkdir()
    for name in ("first", "second"):
        write(tmp_path / "several" / name, base_model_name_or_path=str(base))
    with pytest.raises(ModelError, match=r"holds 2 adapter\(s\) .*\(first, second\)"):
        card_of(tmp_path / "several")


def test_an_adapter_beside_whole_weights(folder, base):
    for path in folder.iterdir():
        shutil.copy(path, base)
    with pytest.raises(ModelError, match="both the weights of a whole model and an adapter"):
        card_of(base)


def test_what_is_named_as_an_adapter_and_is_none(base):
    with pytest.raises(ModelError, match=r"holds no adapter_config\.json"):
        describe_model(None, device="cpu", options=ModelOptions(adapter=str(base)))


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({"peft_type": "IA3"}, "of kind 'IA3'; LoRA alone"),
        ({"peft_type": "PROMPT_TUNING"}, "of kind 'PROMPT_TUNING'"),
        ({"peft_type": "LOHA"}, "of kind 'LOHA'"),
        ({"layer_replication": [[0, 2], [1, 3]]}, "uses layer_replication"),
        ({"trainable_token_indices": [3]}, "uses trainable_token_indices"),
        ({"target_parameters": ["experts.down_proj"]}, "uses target_parameters"),
        ({"lora_bias": True}, "uses lora_bias"),
        ({"init_lora_weights": "pissa_niter_4"}, "begun as 'pissa_niter_4'"),
        ({"r": 0}, "no usable rank"),
        ({"lora_alpha": "much"}, "no usable rank"),
        ({"rank_pattern": {"lm_head": None}}, "no usable rank"),
    ],
)
def test_kinds_that_are_not_merged_are_refused_with_the_reason(tmp_path, config, sentence):
    with pytest.raises(ModelError, match=sentence):
        read_adapter(write(tmp_path / "odd", **config))


def test_pickled_missing_and_unreadable_files(folder):
    (folder / "adapter_model.safetensors").rename(folder / "adapter_model.bin")
    with pytest.raises(ModelError, match="pickled"):
        card_of(folder)
    (folder / "adapter_model.bin").unlink()
    with pytest.raises(ModelError, match=r"no adapter_model\.safetensors"):
        card_of(folder)
    (folder / "adapter_config.json").write_text("{", "utf-8")
    with pytest.raises(ModelError, match="cannot be read as JSON"):
        card_of(folder)


def test_files_that_changed_since_the_page_was_drawn(folder):
    card = card_of(folder)
    config = json.loads((folder / "adapter_config.json").read_text("utf-8"))
    (folder / "adapter_config.json").write_text(json.dumps(config | {"lora_alpha": 8}), "utf-8")
    with pytest.raises(ModelError, match="is another one now"):
        load_described(card)
