"""Weights that a model cannot be made of: missing, empty, of another shape, or no numbers."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ModelError

_NAMED = 3
"""Tensors that a sentence names at most."""
_FLOATS = (torch.float32, torch.bfloat16, torch.float16, torch.float64)


def check_report(folder: Path, report: Mapping[str, Any]) -> None:
    """Refuses weights that transformers would go on without, random numbers in their place.

    Args:
        report: what `from_pretrained(..., output_loading_info=True, ignore_mismatched_sizes=True)` tells.

    Raises:
        ModelError: naming some of the tensors that are missing, hold nothing, or have another shape.
    """
    others = sorted((name, tuple(found), tuple(wanted)) for name, found, wanted in report.get("mismatched_keys", ()))
    empty = [name for name, found, _ in others if 0 in found]
    if empty:
        raise ModelError(
            f"The weights in {folder} hold {len(empty)} empty tensor(s): {some_of(empty)}. They were saved while their "
            "values lay elsewhere, as by DeepSpeed's ZeRO stage 3. Save the model again with all values gathered "
            "(stage3_gather_16bit_weights_on_model_save, or zero_to_fp32.py)."
        )
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

    Raises:
        ModelError: naming some of the tensors.
    """
    named = [(name, each) for name, each in model.named_parameters() if each.dtype in _FLOATS and each.numel()]
    spoilt = [name for (name, _), fine in zip(named, _finite(each for _, each in named), strict=True) if not fine]
    if spoilt:
        raise ModelError(
            f"The weights in {folder} hold values that are no numbers (NaN or infinite) in {len(spoilt)} tensor(s): "
            f"{some_of(spoilt)}. What trained or converted the model failed; take an earlier checkpoint."
        )


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


def some_of(names: Collection[str]) -> str:
    """The first few names, and that there are more."""
    listed = sorted(names)
    return ", ".join(listed[:_NAMED]) + (", ..." if len(listed) > _NAMED else "")


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) or "a single number"
