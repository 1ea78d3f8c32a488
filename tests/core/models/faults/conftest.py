"""Copies of small random checkpoints that tests may spoil."""

import json
import shutil

import pytest
from safetensors.torch import load_file, save_file


@pytest.fixture
def copied(folder_of, tmp_path):
    """Type -> a copy of its folder."""
    return lambda name="qwen2_5_vl": shutil.copytree(folder_of(name), tmp_path / f"copy-{name}")


@pytest.fixture
def edited():
    """(folder, file, change of its content) -> the file is changed."""

    def edit(folder, file, change):
        path = folder / file
        content = json.loads(path.read_text("utf-8"))
        change(content)
        path.write_text(json.dumps(content), "utf-8")

    return edit


@pytest.fixture
def reweighted():
    """(folder, change of its tensors by name) -> the weights are changed."""

    def change_weights(folder, change):
        weights = load_file(folder / "model.safetensors")
        change(weights)
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})

    return change_weights
