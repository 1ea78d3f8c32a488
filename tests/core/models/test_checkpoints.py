import json
import re
import shutil
from pathlib import Path

import pytest

from core.embedded import CHECKPOINT
from core.errors import ModelError
from core.models.checkpoints import describe_model
from core.models.folders.configuration import SUPPORTED
from core.models.folders.locating import is_hub_id
from core.models.options import ModelOptions


@pytest.fixture
def folder(tmp_path):
    """A copy of the embedded checkpoint that a test may spoil."""
    return shutil.copytree(CHECKPOINT, tmp_path / "my-model")


def test_the_embedded_checkpoint():
    card = describe_model(device="cpu")
    assert card.name == "embedded" and card.is_embedded
    assert (card.model_type, card.total_layers, card.device, card.dtype) == ("qwen2_5_vl", 8, "cpu", "float32")


def test_a_copy_elsewhere_has_the_same_fingerprint_and_its_own_name(folder):
    card = describe_model(folder, device="cpu")
    assert card.fingerprint == describe_model(device="cpu").fingerprint
    assert card.name == "my-model" and not card.is_embedded


def test_anything_that_changes_a_result_changes_the_fingerprint(folder, monkeypatch):
    seen = {describe_model(folder, device="cpu").fingerprint}
    seen.add(describe_model(folder, device="cuda").fingerprint)  # bfloat16
    monkeypatch.setattr("core.models.checkpoints.ATTENTION", "eager")
    seen.add(describe_model(folder, device="cpu").fingerprint)
    monkeypatch.setattr("core.models.checkpoints.IMAGE_BACKEND", "torchvision")
    seen.add(describe_model(folder, device="cpu").fingerprint)
    monkeypatch.setattr("core.models.checkpoints.installed_version", lambda name: "9.9.9")
    seen.add(describe_model(folder, device="cpu").fingerprint)
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1  # one bit of one weight
    weights.write_bytes(data)
    seen.add(describe_model(folder, device="cpu").fingerprint)
    settings = folder / "preprocessor_config.json"
    settings.write_text(settings.read_text() + " ")
    seen.add(describe_model(folder, device="cpu").fingerprint)
    assert len(seen) == 7


def test_so_do_options_that_change_what_is_computed_and_no_others(folder):
    plain = describe_model(folder, device="cpu")
    rounded = describe_model(f"{folder};4bit", device="cpu")
    assert rounded.fingerprint != plain.fingerprint and rounded.name == "my-model;4bit"
    assert rounded.fingerprint == describe_model(folder, "cpu", ModelOptions("4bit")).fingerprint
    spread = describe_model(f"{folder};device_map=auto", device="cpu")
    assert spread.fingerprint == plain.fingerprint and spread.name == plain.name
    assert spread.options.device_map == "auto" and not plain.options
    assert describe_model("embedded;8bit", device="cpu").is_embedded


def test_so_do_the_settings_of_a_folder_saved_by_transformers(explainer, tmp_path):
    explainer.loaded.model.save_pretrained(tmp_path)
    explainer.loaded.processor.save_pretrained(tmp_path)
    before = describe_model(tmp_path, device="cpu").fingerprint
    bounds = {"shortest_edge": 28 * 28 * 4, "longest_edge": 28 * 28 * 20}
    changed = [path for path in tmp_path.glob("*processor_config.json") if '"longest_edge"' in path.read_text()]
    for path in changed:
        path.write_text(re.sub(r'"size": \{[^}]*\}', f'"size": {json.dumps(bounds)}', path.read_text()))
    assert changed and describe_model(tmp_path, device="cpu").fingerprint != before


def test_large_files_are_sampled_and_still_tell_training_steps_apart(folder, monkeypatch):
    monkeypatch.setattr("core.models.folders.files._WHOLE", 1 << 20)
    before = describe_model(folder, device="cpu").fingerprint
    weights = folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    for position in range(len(data) // 2, len(data), 1024):
        data[position] ^= 1
    weights.write_bytes(data)
    assert describe_model(folder, device="cpu").fingerprint != before


def test_a_missing_folder(tmp_path):
    with pytest.raises(ModelError, match="no model folder"):
        describe_model(tmp_path / "nowhere")


def test_an_empty_folder(tmp_path):
    with pytest.raises(ModelError, match="no config.json"):
        describe_model(tmp_path)


def test_a_hub_id_that_cannot_be_fetched():
    with pytest.raises(ModelError, match="nobody/nothing"):
        describe_model("nobody/nothing")


def test_what_counts_as_a_hub_id(tmp_path, monkeypatch):
    assert is_hub_id("Qwen/Qwen2.5-VL-3B-Instruct")
    for other in ("model", "/models/qwen", "./models", "~/qwen", "a/b/c", Path("a/b")):
        assert not is_hub_id(other), other
    (tmp_path / "owner" / "name").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert not is_hub_id("owner/name")  # a folder that is there wins


def test_pickled_weights_are_refused(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="pickled"):
        describe_model(folder)


def test_no_weights_at_all(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="no weights"):
        describe_model(folder)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ('{"model_type": "llama", "num_hidden_layers": 2}', "read text alone"),
        ("{broken", "cannot be read as JSON"),
        ("[1]", "cannot be read as JSON"),
        ('{"model_type": "qwen2_5_vl"}', "decoder layers"),
    ],
)
def test_configurations_that_cannot_be_used(folder, content, sentence):
    (folder / "config.json").write_text(content)
    with pytest.raises(ModelError, match=sentence):
        describe_model(folder)


def test_layers_are_found_in_old_flat_configurations(folder):
    config = json.loads((folder / "config.json").read_text())
    config["num_hidden_layers"] = config.pop("text_config")["num_hidden_layers"]
    (folder / "config.json").write_text(json.dumps(config))
    assert describe_model(folder, device="cpu").total_layers == 8


def test_what_is_supported_has_a_family_and_the_other_way_round():
    from core.models.families import FAMILIES

    assert set(SUPPORTED) == set(FAMILIES)


def test_nothing_of_this_needs_torch():
    import subprocess
    import sys

    code = (
        "from core.models.checkpoints import describe_model; describe_model(); "
        "import sys; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
