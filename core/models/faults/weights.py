"""Weights that a model cannot be made of: missing, of another shape, or no numbers."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ModelError
from core.models.faults.empty_tensors import some_of

_FLOATS = (torch.float32, torch.bfloat16, torch.float16, torch.float64)


def check_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Refuses weights that transformers would go on without, random numbers in their place.

    Args:
        report: what `from_pretrained(..., output_loading_info=True, ignore_mismatched_sizes=True)` tells.

    Raises:
        ModelError: naming some of the tensors that are missing, or have another shape.
    """
    others = sorted((name, tuple(found), tuple(wanted)) for name, found, wanted in report.get("mismatched_keys", ()))
    if others:
        name, found, wanted = others[0]
        raise ModelError(
            f"The weights in {folder} do not fit its config.json: {len(others)} tensor(s) have another shape, such as "
            f"{name}, {_sides(found)} in the file and {_sides(wanted)} by the configuration. Copy both from one model."
        )
    if missing := report["missing_keys"]:
        raise ModelError(
            f"The weights in {folder} lack {len(missing)} tensor(s): {some_of(missing)}. Copy the model again, with "
            "every *.safetensors file."
        )


def check_finite(folder: Path, model: nn.Module) -> None:
    """Refuses weights that hold NaN or infinite values: every answer and every map would be made of them.

    Those that lie elsewhere until they are used are not looked at.

    Raises:
        ModelError: naming some of the tensors.
    """
    named = [each for each in model.named_parameters() if _is_readable(each[1])]
    spoilt = [name for (name, _), fine in zip(named, _finite(each for _, each in named), strict=True) if not fine]
    if spoilt:
        raise ModelError(
            f"The weights in {folder} hold values that are no numbers (NaN or infinite) in {len(spoilt)} tensor(s): "
            f"{some_of(spoilt)}. What trained or converted the model failed; take an earlier checkpoint."
        )


def _is_readable(tensor: Tensor) -> bool:
    return tensor.dtype in _FLOATS and not tensor.is_meta and tensor.numel() > 0


def _finite(tensors: Iterable[Tensor]) -> list[bool]:
    """Whether each holds finite values alone; no second copy of a tensor is made, and one wait for each device."""
    tensors = [each.detach() for each in tensors]
    sums = [each.sum().float() for each in tensors]
    by_device: dict[torch.device, list[int]] = {}
    for index, each in enumerate(sums):
        by_device.setdefault(each.device, []).append(index)
    found = [True] * len(sums)
    for indices in by_device.values():
        told = torch.stack([sums[index] for index in indices]).isfinite().tolist()
        for index, fine in zip(indices, told, strict=True):
            # A sum may be too large where no value is: then the extremes tell.
            found[index] = fine or all(bool(each.isfinite()) for each in torch.aminmax(tensors[index]))
    return found


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a single number"
