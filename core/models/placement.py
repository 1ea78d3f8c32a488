"""A model's layers on several devices, or off them until they run, by accelerate's hooks.

A hook brings a module's weights and inputs to its device when the module is called, and takes the weights away after.
Until then they may be empty ("meta"): whoever reads a weight elsewhere does it inside `at_hand`.
"""

import importlib.util
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedConfig

from core.errors import ModelError
from core.models.options import ModelOptions
from core.temporary import own_folder

PACKAGE = "accelerate"


def placement_options(
    options: ModelOptions,
    device: str,
    build: Callable[[PreTrainedConfig], nn.Module],
    config: PreTrainedConfig,
    decoder_layers: Callable[[nn.Module], nn.ModuleList],
) -> dict[str, Any]:
    """What `from_pretrained` is to be given so that layers lie where the options say; {} for one device.

    Args:
        device: where everything is computed that the options leave open.
        build: configuration -> an untrained model.
        decoder_layers: model -> the layers that "cpu" and "disk" mean.

    Raises:
        ModelError: accelerate is not installed, or a device is named that is not there.
    """
    wanted = options.placement()
    if wanted is None:
        return {}
    if importlib.util.find_spec(PACKAGE) is None:
        raise ModelError(
            "Layers are spread over devices, or offloaded, by the package accelerate, which is not installed. "
            "Install it: pip install accelerate."
        )
    if wanted in ("cpu", "disk"):
        with torch.device("meta"):
            wanted = _offloaded(build(config), decoder_layers, device, wanted)
    elif isinstance(wanted, dict) and not torch.cuda.is_available() and set(wanted.values()) - {"cpu", "disk"}:
        raise ModelError("The device map names CUDA devices, and PyTorch can use none here. Name cpu and disk alone.")
    return {"device_map": wanted, "offload_folder": tempfile.mkdtemp(prefix="offloaded-", dir=own_folder())}


def deleted_with(model: nn.Module, folder: str) -> None:
    """The folder goes when nobody holds the model any more."""
    weakref.finalize(model, shutil.rmtree, folder, ignore_errors=True)


def devices_of(model: nn.Module) -> list[torch.device]:
    """The devices on which a model's modules run, wherever their weights lie meanwhile; the first one's first."""
    found = dict.fromkeys(_runs_on(module) for module in model.modules() if any(True for _ in module.parameters(False)))
    return [device for device in found if device is not None]


def device_of(module: nn.Module) -> torch.device:
    """The device on which a module with weights of its own runs."""
    return _runs_on(module) or torch.device("cpu")


def is_offloaded(model: nn.Module) -> bool:
    """Whether some of a model's weights come to their device only while they are used."""
    return any(parameter.is_meta for parameter in model.parameters())


@contextmanager
def at_hand(module: nn.Module) -> Iterator[nn.Module]:
    """Inside, a module's own weights are there to be read, wherever they lie else."""
    hook = getattr(module, "_hf_hook", None)
    if hook is None or not any(parameter.is_meta for parameter in module.parameters(recurse=False)):
        yield module
        return
    hook.pre_forward(module)
    try:
        yield module
    finally:
        hook.post_forward(module, None)


def _runs_on(module: nn.Module) -> torch.device | None:
    hook = getattr(module, "_hf_hook", None)
    for each in getattr(hook, "hooks", (hook,)):
        if getattr(each, "execution_device", None) is not None:
            return _device(each.execution_device)
    own = next(module.parameters(recurse=False), None)
    return None if own is None else own.device


def _device(name: Any) -> torch.device:
    return torch.device("cuda", name) if isinstance(name, int) else torch.device(name)


def _offloaded(
    model: nn.Module, decoder_layers: Callable[[nn.Module], nn.ModuleList], device: str, place: str
) -> dict[str, Any]:
    """Modules -> devices: decoder layers at `place`, all else on the device."""
    layers = set(map(id, decoder_layers(model)))
    above = {id(module) for module in model.modules() if any(id(each) in layers for each in module.modules())} - layers
    main = torch.device(device).index or 0 if device.startswith("cuda") else device
    found: dict[str, Any] = {}

    def visit(name: str, module: nn.Module) -> None:
        if id(module) in layers:
            found[name] = place
        elif id(module) not in above:
            found[name] = main
        else:
            for own, _ in module.named_parameters(recurse=False):
                found[f"{name}.{own}".lstrip(".")] = main
            for own, child in module.named_children():
                visit(f"{name}.{own}".lstrip("."), child)

    visit("", model)
    return found
