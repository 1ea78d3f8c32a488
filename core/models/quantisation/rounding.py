"""A plain weight -> the tensors of one of 8 or 4 bits, as `core.models.quantisation.unpacking` reads them."""

import torch
from torch import Tensor

from core.models.options import Quantisation
from core.models.quantisation.storage import Storage

BLOCK = 64
"""Weights that share a scale, where they have 4 bits."""

# NormalFloat: the quantiles of a normal distribution, scaled to [-1, 1], with an exact 0 (Dettmers et al. 2023,
# arXiv:2305.14314, section 3 and appendix E).
NF4 = (
    *(-1.0, -0.6961928009986877, -0.5250730514526367, -0.39491748809814453),
    *(-0.28444138169288635, -0.18477343022823334, -0.09105003625154495, 0.0),
    *(0.07958029955625534, 0.16093020141124725, 0.24611230194568634, 0.33791524171829224),
    *(0.44070982933044434, 0.5626170039176941, 0.7229568362236023, 1.0),
)

STORAGES: dict[Quantisation, Storage] = {
    "8bit": Storage("bitsandbytes8", 8),
    "4bit": Storage("bitsandbytes4", 4, (1, BLOCK)),
}


def shapes(outputs: int, inputs: int, quantisation: Quantisation) -> dict[str, tuple[tuple[int, ...], torch.dtype]]:
    """The shape and type of each of these tensors."""
    if quantisation == "8bit":
        return {"weight": ((outputs, inputs), torch.int8), "SCB": ((outputs,), torch.float32)}
    count = outputs * inputs
    return {
        "weight": ((-(-count // 2), 1), torch.uint8),
        "weight_absmax": ((-(-count // BLOCK),), torch.float32),
        "weight_quant_map": ((16,), torch.float32),
    }


def rounded(weight: Tensor, quantisation: Quantisation) -> dict[str, Tensor]:
    """These tensors of a weight [outputs, inputs]; each number becomes the nearest that can be stored."""
    return _to_8_bits(weight) if quantisation == "8bit" else _to_4_bits(weight)


def _to_8_bits(weight: Tensor) -> dict[str, Tensor]:
    largest = weight.float().abs().amax(dim=1)
    codes = (weight.float() * (127 / largest.clamp(min=torch.finfo(torch.float32).tiny))[:, None]).round_()
    return {"weight": codes.to(torch.int8), "SCB": largest}


def _to_4_bits(weight: Tensor) -> dict[str, Tensor]:
    values = weight.float().flatten()
    values = torch.nn.functional.pad(values, (0, -len(values) % BLOCK)).view(-1, BLOCK)
    largest = values.abs().amax(dim=1)
    table = torch.tensor(NF4, device=weight.device)
    between = (table[1:] + table[:-1]) / 2
    scaled = values / largest.clamp(min=torch.finfo(torch.float32).tiny)[:, None]
    codes = (
        torch.bucketize(scaled, between, out_int32=True)
        .to(torch.uint8)
        .flatten()[: weight.numel() + weight.numel() % 2]
    )
    return {
        "weight": ((codes[::2] << 4) | codes[1::2])[:, None],
        "weight_absmax": largest,
        "weight_quant_map": table,
    }
