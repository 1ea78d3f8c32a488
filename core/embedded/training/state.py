"""Save a training run so that another sitting can go on with it: tensors as safetensors, all else as JSON."""

import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import nn

from core.embedded.training.optimizers import Optimizers
from core.embedded.training.recipe import Recipe

_TENSORS, _FACTS = "state.safetensors", "state.json"


@dataclass(frozen=True)
class Standing:
    """How far a run is.

    Attributes:
        step: steps that were done.
        seconds: of training, over all sittings.
    """

    recipe: Recipe
    step: int = 0
    seconds: float = 0.0


def save_state(folder: Path, standing: Standing, model: nn.Module, heads: nn.Module, optimizers: Optimizers) -> None:
    """Write a run's state; one that is killed meanwhile leaves the state before it."""
    tensors = {f"model.{name}": weight.detach() for name, weight in model.named_parameters()}
    tensors |= {f"heads.{name}": weight.detach() for name, weight in heads.named_parameters()}
    for number, optimizer in enumerate(optimizers):
        for weight, values in optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer.{number}.{weight}.{name}": value for name, value in values.items()}
    new, old = folder.with_name(folder.name + ".new"), folder.with_name(folder.name + ".old")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, new / _TENSORS)
    (new / _FACTS).write_text(json.dumps(asdict(standing), indent=2) + "\n", encoding="utf-8")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.replace(folder, old)
    os.replace(new, folder)
    shutil.rmtree(old, ignore_errors=True)


def read_standing(folder: Path) -> Standing:
    """How far the run in a folder is, and by which recipe.

    Raises:
        FileNotFoundError: there is no run in the folder.
    """
    facts = json.loads((_present(folder) / _FACTS).read_text(encoding="utf-8"))
    return Standing(Recipe(**facts["recipe"]), facts["step"], facts["seconds"])


@torch.no_grad()
def load_state(folder: Path, model: nn.Module, heads: nn.Module, optimizers: Optimizers) -> None:
    """Bring model, heads and optimizers back to a saved state."""
    tensors = load_file(_present(folder) / _TENSORS)
    for part, module in (("model", model), ("heads", heads)):
        for name, weight in module.named_parameters():
            weight.copy_(tensors[f"{part}.{name}"])
    for number, optimizer in enumerate(optimizers):
        state: dict[int, dict[str, torch.Tensor]] = {}
        for key, tensor in tensors.items():
            if key.startswith(f"optimizer.{number}."):
                _, _, weight, name = key.split(".")
                state.setdefault(int(weight), {})[name] = tensor
        optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _present(folder: Path) -> Path:
    """The folder, or the one before it where a run was killed between both."""
    old = folder.with_name(folder.name + ".old")
    return old if not folder.exists() and old.exists() else folder
