"""Folders of models for tests: copies of the embedded one, whole, in shards, or as the hub's cache keeps it."""

import functools
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.torch import save_file

from core import Explainer
from core.embedded import CHECKPOINT
from core.models.loading import LoadedModel
from core.schema import ExplainResult
from tests.conftest import gradient_picture

HUB_ID = "somebody/some-model"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def plain(folder: Path, name: str = "my-model") -> Path:
    """The embedded model's own files."""
    return shutil.copytree(CHECKPOINT, folder / name)


def change(path: Path, **changes: Any) -> None:
    """Changes keys of a JSON file; None takes one away."""
    content = json.loads(path.read_text("utf-8")) | changes
    path.write_text(json.dumps({key: value for key, value in content.items() if value is not None}), "utf-8")


def tensors_of(folder: Path) -> dict[str, Any]:
    """Every tensor of its model.safetensors."""
    with safe_open(folder / "model.safetensors", "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  (it is no dict)


def sharded(folder: Path, parts: int = 3) -> Path:
    """The same weights in several files, and the index that names them."""
    model = plain(folder)
    tensors = tensors_of(model)
    (model / "model.safetensors").unlink()
    names, weight_map = list(tensors), {}
    for part in range(parts):
        file = f"model-{part + 1:05}-of-{parts:05}.safetensors"
        own = names[part::parts]
        save_file({name: tensors[name] for name in own}, model / file, {"format": "pt"})
        weight_map |= dict.fromkeys(own, file)
    index = {"metadata": {"total_size": 0}, "weight_map": weight_map}
    (model / "model.safetensors.index.json").write_text(json.dumps(index), "utf-8")
    return model


def same_maps(loaded: LoadedModel) -> str:
    """Holds that a model answers, and has maps, as the embedded one; for `Kind.check`."""
    wanted, found = _embedded(), explained(Explainer(loaded))
    assert found.answer.text == wanted.answer.text
    np.testing.assert_allclose(found.heat, wanted.heat, rtol=1e-5, atol=1e-7)
    return "answer and maps are those of the plain folder"


@functools.cache
def _embedded() -> ExplainResult:
    return explained(Explainer.from_pretrained(device="cpu"))


def explained(explainer: Explainer) -> ExplainResult:
    picture = gradient_picture(84, 112)
    return explainer.explain(picture, "Where is the red square?", num_samples=1, noise_std=0.0, max_new_tokens=8)


def cut(path: Path, keep: int) -> None:
    """Leaves the first bytes of a file."""
    path.write_bytes(path.read_bytes()[:keep])


def cached(folder: Path, model: Path, patch: pytest.MonkeyPatch, hub_id: str = HUB_ID, commit: str = COMMIT) -> Path:
    """Lays a model out as the hub's cache, links and all, and makes that the cache; returns the model's root there."""
    from huggingface_hub import constants

    patch.setattr(constants, "HF_HUB_CACHE", str(folder / "hub"))
    root = folder / "hub" / f"models--{hub_id.replace('/', '--')}"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text(commit)
    (root / "blobs").mkdir()
    (root / "snapshots" / commit).mkdir(parents=True)
    for number, path in enumerate(sorted(model.iterdir())):
        blob = root / "blobs" / f"{number:040x}"
        shutil.copyfile(path, blob)
        (root / "snapshots" / commit / path.name).symlink_to(f"../../blobs/{blob.name}")
    return root
