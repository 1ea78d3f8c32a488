"""The stored tensors of a quantised weight -> the weight [outputs, inputs].

Each function takes what `core.models.quantisation.storage` lists for its method, by the tensors' own names with
underscores for dots, and works in float32. Formats as their writers have them: AutoGPTQ and GPTQModel, AutoAWQ,
bitsandbytes, compressed-tensors, and the fine-grained FP8 of DeepSeek-V3 (arXiv:2412.19437, section 3.3).
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from core.models.quantisation.storage import Storage

Tensors = Mapping[str, Tensor]
Unpack = Callable[[Tensors], Tensor]

_AWQ_ORDER = (0, 4, 1, 5, 2, 6, 3, 7)
"""Which of an int32's eight nibbles, the lowest first, holds the first column, the second, and so on."""


def unpacker(storage: Storage, shape: tuple[int, int], state: Mapping[str, Any] | None = None) -> Unpack:
    """The function that reads such a weight.

    Args:
        shape: (outputs, inputs) of the weight.
        state: what bitsandbytes notes of a weight of 4 bits: the sizes of its blocks.
    """
    if storage.method == "scaled":
        return partial(scaled, block=storage.block)
    if storage.method == "compressed":
        return partial(compressed, bits=storage.bits, shape=shape)
    if storage.method == "gptq":
        return partial(gptq, bits=storage.bits, zero_offset=storage.zero_offset)
    if storage.method == "bitsandbytes4":
        sizes = ("blocksize", "nested_blocksize", "nested_offset")
        return partial(
            blockwise4, shape=shape, **{name: (state or {})[name] for name in sizes if name in (state or {})}
        )
    return {"awq": awq, "bitsandbytes8": rowwise8}[storage.method]


def scaled(tensors: Tensors, block: tuple[int, int] | None = None) -> Tensor:
    """A number of 8 bits, float or whole, times the scale of its block, row or tensor.

    Args:
        block: (rows, columns) that share a scale; else what the shapes tell.
    """
    weight, zero = tensors["weight"].float(), tensors.get("weight_zero_point")
    scale = tensors["weight_scale_inv" if "weight_scale_inv" in tensors else "weight_scale"].float()
    if zero is not None:
        weight = weight - _spread(zero.float(), weight, block)
    return weight.mul_(_spread(scale, weight, block))


def compressed(tensors: Tensors, bits: int, shape: tuple[int, int]) -> Tensor:
    """compressed-tensors' packed integers; what is stored of one is by half of its range too large."""
    (rows, columns), half = shape, 1 << (bits - 1)
    weight = fields(tensors["weight_packed"], bits)[:, :columns].float() - half
    scale, zero = tensors["weight_scale"].float(), tensors.get("weight_zero_point")
    if zero is not None:
        # Packed along the outputs, unlike the weights.
        zero = fields(zero.T, bits).T[:rows].float() - half
    if (order := tensors.get("weight_g_idx")) is not None:
        weight = weight if zero is None else weight - zero[:, order]
        return weight.mul_(scale[:, order])
    weight = weight if zero is None else weight - _spread(zero, weight)
    return weight.mul_(_spread(scale, weight))


def gptq(tensors: Tensors, bits: int, zero_offset: int) -> Tensor:
    """GPTQ's integers, packed along the inputs; `g_idx` tells the group of each input."""
    weight = fields(tensors["qweight"].T, bits)  # [outputs, inputs]
    zeros = (fields(tensors["qzeros"], bits) + zero_offset) & ((1 << bits) - 1)
    scales, groups, inputs = tensors["scales"].float().T, len(tensors["scales"]), weight.shape[1]
    group = tensors.get("g_idx")
    if group is None:
        group = torch.arange(inputs, device=weight.device) // -(-inputs // groups)
    return (weight.float() - zeros.T.float()[:, group]).mul_(scales[:, group])


def awq(tensors: Tensors) -> Tensor:
    """AWQ's integers, packed along the outputs in an order of their own."""

    def unpacked(packed: Tensor) -> Tensor:
        return fields(packed, 4).unflatten(-1, (-1, 8))[..., list(_AWQ_ORDER)].flatten(-2)

    weight, zeros, scales = unpacked(tensors["qweight"]), unpacked(tensors["qzeros"]), tensors["scales"].float()
    groups = weight.float().unflatten(0, (len(scales), -1))  # [groups, inputs of one, outputs]
    return (groups - zeros.float()[:, None]).mul_(scales[:, None]).flatten(0, 1).T


def blockwise4(
    tensors: Tensors,
    shape: tuple[int, int],
    blocksize: int = 64,
    nested_blocksize: int = 256,
    nested_offset: float = 0.0,
) -> Tensor:
    """bitsandbytes' 4 bits: entries of a table of 16 numbers, times the largest size in their block.

    These sizes may be stored in 8 bits themselves, as entries of a second table, likewise.
    """
    absmax, count = tensors["weight_absmax"], shape[0] * shape[1]
    if "weight_nested_absmax" in tensors:
        absmax = tensors["weight_nested_quant_map"].index_select(0, absmax.int())
        outer = tensors["weight_nested_absmax"].repeat_interleave(nested_blocksize)[: len(absmax)]
        absmax = absmax * outer + nested_offset
    # Both halves of a byte at once, the upper one first.
    table = tensors["weight_quant_map"].float()
    pairs = torch.stack([table.repeat_interleave(16), table.repeat(16)], dim=-1)
    values = pairs.index_select(0, tensors["weight"].flatten().int()).flatten()[:count]
    whole = count // blocksize * blocksize
    values[:whole].view(-1, blocksize).mul_(absmax[: whole // blocksize, None])
    values[whole:] *= absmax[-1]
    return values.view(*shape)


def rowwise8(tensors: Tensors) -> Tensor:
    """Whole numbers from -127 to 127, times a 127th of the largest size in their row."""
    return tensors["weight"].float().mul_(tensors["SCB"].float()[:, None] / 127)


def fields(packed: Tensor, bits: int) -> Tensor:
    """The unsigned numbers of 2, 4 or 8 bits inside int32 [..., n], the lowest first -> uint8 [..., n * 32 / bits]."""
    octets = packed.flatten().view(torch.uint8).unflatten(0, (*packed.shape[:-1], -1))
    if bits == 8:
        return octets
    each = [(octets >> shift) & ((1 << bits) - 1) for shift in range(0, 8, bits)]
    return torch.stack(each, dim=-1).flatten(-2)


def _spread(values: Tensor, weight: Tensor, block: tuple[int, int] | None = None) -> Tensor:
    """Values of blocks -> [outputs, inputs], or what broadcasts to it."""
    if values.numel() == 1:
        return values.reshape(())
    if values.ndim == 1:
        values = values[:, None]
    (rows, columns), (outputs, inputs) = values.shape, weight.shape
    high, wide = block or (outputs // rows, inputs // columns)
    values = values if rows in (1, outputs) else values.repeat_interleave(high, 0)[:outputs]
    return values if columns in (1, inputs) else values.repeat_interleave(wide, 1)[:, :inputs]
