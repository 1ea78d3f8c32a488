"""How much memory models may take where they are loaded, and how much one takes. No torch here."""

from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from core.devices import memory_of
from core.errors import ModelError
from core.models.checkpoints import ModelCard
from core.models.dimensions import ITEM_BYTES

SHARE = 0.5
"""Of a device's memory, for models; the rest is for the runs, and on the CPU for everything else."""


@dataclass(frozen=True)
class Budget:
    """What the models that one process keeps loaded may take together.

    Attributes:
        bytes: of its device; None for `SHARE` of what that has.
        processes: that share the device, each of which keeps its own models; they divide that share.
    """

    bytes: int | None = None
    processes: int = 1

    def on(self, device: str) -> float:
        """Bytes on this device."""
        return memory_of(device)[1] * SHARE / self.processes if self.bytes is None else self.bytes


def expected_bytes(card: ModelCard) -> int:
    """What a model's weights will take, by the headers of its files; 0 where there are none.

    Raises:
        ModelError: they are damaged.
    """
    files = list(card.folder.glob("model*.safetensors")) or list(card.folder.glob("*.safetensors"))
    try:
        return sum(_file_bytes(path, ITEM_BYTES[card.dtype]) for path in files)
    except (SafetensorError, OSError) as error:
        raise ModelError(f"The model in {card.folder} could not be loaded: {error}") from error


def _file_bytes(path: Path, width: int) -> int:
    with safe_open(path, "np") as file:
        slices = [file.get_slice(name) for name in file.keys()]
        return sum(prod(each.get_shape()) * _element_bytes(each.get_dtype(), width) for each in slices)


def _element_bytes(dtype: str, width: int) -> int:
    """Floats are loaded as `width` bytes each, whatever they are in the file; "I64", "U8", "BOOL" stay."""
    if dtype.startswith(("F", "BF")):
        return width
    return ceil(int("".join(filter(str.isdigit, dtype)) or 8) / 8)


def actual_bytes(model: Any) -> int:
    """What a loaded model's parameters and buffers take; those that it uses twice count once."""
    return sum(tensor.numel() * tensor.element_size() for tensor in (*model.parameters(), *model.buffers()))
