"""How much memory models may take where they are loaded, and how much one takes. No torch here."""

import re
from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from core.devices import memory_of
from core.errors import ModelError
from core.models.checkpoints import ModelCard
from core.models.dimensions import ITEM_BYTES
from core.models.options import Quantisation
from core.models.quantisation.storage import stored_parts

# Tensors inside a decoder layer, by the layer's own name; and those of a vision tower's layers.
_LAYER = re.compile(r".*?\blayers\.\d+\.")
_OUTSIDE = re.compile(r"vision|visual")
_SCALE, _BLOCK = 4, 64
"""Bytes of a scale, and weights of 4 bits that share one."""

UNPACKING = 12
"""Bytes of what a quantised weight is on its way to a plain one, for each number; that comes on top."""

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
    """What a model's weights will take where it is computed, by the headers of its files; 0 where there are none.

    Of layers that are offloaded the largest alone is there at a time, and of quantised weights one is made plain.

    Raises:
        ModelError: they are damaged.
    """
    sizes = tensor_bytes(card)
    offloaded: dict[str, float] = {}
    if card.options.device_map == "disk" or (card.options.device_map == "cpu" and card.device != "cpu"):
        for name, size in sizes.items():
            if layer := decoder_layer(name):
                offloaded[layer] = offloaded.get(layer, 0) + size
    plain = 0.0
    if card.bits is not None:
        largest = max((size for name, size in sizes.items() if decoder_layer(name)), default=0)
        plain = largest * 8 / card.bits * (UNPACKING + ITEM_BYTES[card.dtype])
    return round(sum(sizes.values()) - sum(offloaded.values()) + max(offloaded.values(), default=0) + plain)


def decoder_layer(name: str) -> str | None:
    """The decoder layer that a file's tensor belongs to, by its name; None where it belongs to none."""
    found = _LAYER.match(name)
    return found[0] if found and not _OUTSIDE.search(name) else None


def tensor_bytes(card: ModelCard) -> dict[str, float]:
    """Name -> what a tensor of the files will take once it is loaded.

    Raises:
        ModelError: they are damaged.
    """
    files = list(card.folder.glob("model*.safetensors")) or list(card.folder.glob("*.safetensors"))
    try:
        found = {name: kind for path in files for name, kind in _read_header(path).items()}
    except (SafetensorError, OSError) as error:
        raise ModelError(f"The model in {card.folder} could not be loaded: {error}") from error
    stored = {name for parts in stored_parts(found).values() for name in parts.values()}
    return {name: _bytes(name, *found[name], card, name in stored) for name in found}


def rounded_bytes(shape: tuple[int, ...], quantisation: Quantisation) -> float:
    """What a weight takes once it is rounded: its codes, and a scale for each row or block."""
    count = prod(shape)
    return count + _SCALE * shape[0] if quantisation == "8bit" else count / 2 + _SCALE * ceil(count / _BLOCK)


def is_offered_room(card: ModelCard) -> bool:
    """Whether accelerate finds the room for a model, on all devices together, so that none need hold all of it."""
    return card.options.device_map not in (None, "cpu", "disk")


def _read_header(path: Path) -> dict[str, tuple[tuple[int, ...], str]]:
    with safe_open(path, "np") as file:
        slices = {name: file.get_slice(name) for name in file.keys()}
        return {name: (tuple(each.get_shape()), each.get_dtype()) for name, each in slices.items()}


def _bytes(name: str, shape: tuple[int, ...], dtype: str, card: ModelCard, is_stored: bool) -> float:
    """Floats are loaded as the card says, whatever they are in the file; quantised ones, "I64", "U8", "BOOL" stay."""
    if not is_stored and dtype.startswith(("F", "BF")):
        is_rounded = name.endswith(".weight") and len(shape) == 2 and decoder_layer(name)
        if card.options.quantisation is not None and is_rounded:
            return rounded_bytes(shape, card.options.quantisation)
        return ITEM_BYTES[card.dtype] * prod(shape)
    bits = re.search(r"\d+", dtype)
    return ceil(int(bits[0]) / 8 if bits else 1) * prod(shape)


def actual_bytes(model: Any) -> int:
    """What a loaded model's parameters and buffers take; those that it uses twice count once, offloaded ones not."""
    tensors = (tensor for tensor in (*model.parameters(), *model.buffers()) if not tensor.is_meta)
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
