"""How much memory models may take where they are loaded, and how much one takes. No torch here but for CUDA."""

from dataclasses import dataclass
from math import ceil, inf, prod
from pathlib import Path
from typing import Any

import psutil
from safetensors import SafetensorError, safe_open

from core.checkpoints import ModelCard
from core.errors import ModelError

SHARE = 0.5
"""Of a device's memory, for models; the rest is for the runs, and on the CPU for everything else."""

_WIDTHS = {"float32": 4, "bfloat16": 2}


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


def memory_of(device: str) -> tuple[float, float]:
    """Bytes that are free on a device ("cpu": on this machine), and that it has in all.

    Without limit where PyTorch cannot use the device: loading a model there says so better.
    """
    if device == "cpu":
        from distributed.system import MEMORY_LIMIT  # a container's, too; brings Dask, which pages do without

        return min(psutil.virtual_memory().available, MEMORY_LIMIT), MEMORY_LIMIT
    import torch

    if not torch.cuda.is_available():
        return inf, inf
    torch.cuda.empty_cache()  # what PyTorch holds and does not use is free
    return torch.cuda.mem_get_info(torch.device(device))


def expected_bytes(card: ModelCard) -> int:
    """What a model's weights will take, by the headers of its files; 0 where there are none.

    Raises:
        ModelError: they are damaged.
    """
    files = list(card.folder.glob("model*.safetensors")) or list(card.folder.glob("*.safetensors"))
    try:
        return sum(_file_bytes(path, _WIDTHS[card.dtype]) for path in files)
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
