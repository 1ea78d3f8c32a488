"""Whether weights are plain though config.json calls them quantised. No torch here.

Who merges an adapter into the plain weights, or casts a model back, often leaves the base's `quantization_config`
behind in config.json.
"""

from collections.abc import Mapping
from pathlib import Path

from core.errors import ModelError
from core.models.configuration import read_config
from core.models.folders.safetensors_header import StoredTensor
from core.models.folders.weights import stored_tensors
from core.models.quantisation.storage import stored_parts

_PLAIN = {"F64", "F32", "F16", "BF16"}


def are_plain(tensors: Mapping[str, StoredTensor]) -> bool:
    """Whether all are plain numbers, under names that no method of quantisation uses."""
    return all(tensor.dtype in _PLAIN for tensor in tensors.values()) and not stored_parts(tensors)


def leftover_note(folder: Path, name: str) -> str | None:
    """What to tell people of a model whose config.json calls its plain weights quantised; None of any other."""
    try:
        config = read_config(folder)
        if not config.get("quantization_config") or not are_plain(stored_tensors(folder)):
            return None
    except (OSError, ValueError, ModelError):
        return None  # whoever loads it says what is wrong
    return (
        f"The config.json of {name} speaks of quantised weights, but its weights are plain. They are taken as they are."
    )
