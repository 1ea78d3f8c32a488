"""Tensors that were saved without their values. No torch here."""

from collections.abc import Collection, Mapping
from pathlib import Path

from core.errors import ModelError
from core.models.folders.safetensors_header import StoredTensor

_NAMED = 3
"""Tensors that a sentence names at most."""


def check_not_empty(folder: Path, tensors: Mapping[str, StoredTensor]) -> None:
    """Refuses weights some of which hold no value at all.

    Raises:
        ModelError: naming some of them, and how the model is to be saved.
    """
    empty = [name for name, tensor in tensors.items() if 0 in tensor.shape]
    if empty:
        raise ModelError(
            f"The weights in {folder} hold {len(empty)} empty tensor(s): {some_of(empty)}. They were saved while their "
            "values lay elsewhere, as by DeepSpeed's ZeRO stage 3. Save the model again with all values gathered "
            "(stage3_gather_16bit_weights_on_model_save, or zero_to_fp32.py)."
        )


def some_of(names: Collection[str]) -> str:
    """The first few names, and that there are more."""
    listed = sorted(names)
    return ", ".join(listed[:_NAMED]) + (", ..." if len(listed) > _NAMED else "")
