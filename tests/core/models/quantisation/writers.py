"""Quantised weights as their writers store them, and folders of such weights."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from core.models.quantisation.rounding import NF4

GROUP = 16
Written = tuple[dict[str, Tensor], Tensor]
"""What follows a layer's name -> tensor, and the weight that all of them together stand for."""


@dataclass(frozen=True)
class Form:
    """One way to store quantised weights.

    Attributes:
        settings: `quantization_config` of config.json.
        write: weight [outputs, inputs] -> what is stored.
    """

    settings: dict[str, Any]
    write: Callable[[Tensor], Written]


def packed(codes: Tensor, bits: int) -> Tensor:
    """Unsigned codes [rows, n] -> int32 [rows, n * bits / 32], the first in the lowest bits."""
    places = torch.arange(0, 32, bits)
    words = (codes.long().unflatten(1, (-1, 32 // bits)) << places).sum(-1)
    return torch.where(words >= 1 << 31, words - (1 << 32), words).int()


def rounded_groups(weight: Tensor, bits: int, symmetric: bool = False) -> tuple[Tensor, Tensor, Tensor]:
    """Unsigned codes [outputs, inputs], scales and zeros [outputs, groups] of `GROUP` inputs each."""
    top = (1 << bits) - 1
    groups = weight.float().unflatten(1, (-1, GROUP))
    if symmetric:
        scale = groups.abs().amax(-1).clamp(min=1e-8) / (1 << (bits - 1))
        zero = torch.full_like(scale, 1 << (bits - 1))
    else:
        low, high = groups.amin(-1).clamp(max=0), groups.amax(-1).clamp(min=0)
        scale = (high - low).clamp(min=1e-8) / top
        zero = (-low / scale).round().clamp(0, top)
    codes = (groups / scale[..., None] + zero[..., None]).round().clamp(0, top)
    return codes.flatten(1).int(), scale, zero.int()


def plain(codes: Tensor, scale: Tensor, zero: Tensor, group: Tensor | None = None) -> Tensor:
    """The numbers that codes stand for."""
    own = torch.arange(codes.shape[1]) // GROUP if group is None else group
    return (codes - zero[:, own]) * scale[:, own]


def fp8_blocks(weight: Tensor, block: int = 32) -> Written:
    """Fine-grained FP8: a scale for each square block."""
    rows, columns = (-(-size // block) for size in weight.shape)
    stored, scales, told = torch.empty(weight.shape, dtype=torch.float8_e4m3fn), torch.empty(rows, columns), []
    for row in range(rows):
        for column in range(columns):
            part = (slice(row * block, (row + 1) * block), slice(column * block, (column + 1) * block))
            scales[row, column] = weight[part].float().abs().max() / 448
            stored[part] = (weight[part].float() / scales[row, column]).to(torch.float8_e4m3fn)
            told.append((part, stored[part].float() * scales[row, column]))
    wanted = torch.empty(weight.shape)
    for part, values in told:
        wanted[part] = values
    return {"weight": stored, "weight_scale_inv": scales}, wanted


def fp8_rows(weight: Tensor) -> Written:
    scale = (weight.float().abs().amax(1, keepdim=True) / 448).to(torch.bfloat16)
    stored = (weight.float() / scale.float()).to(torch.float8_e4m3fn)
    return {"weight": stored, "weight_scale": scale}, stored.float() * scale.float()


def fp8_whole(weight: Tensor) -> Written:
    scale = weight.float().abs().max() / 448
    stored = (weight.float() / scale).to(torch.float8_e4m3fn)
    return {"weight": stored, "weight_scale": scale[None], "input_scale": torch.ones(1)}, stored.float() * scale


def int8_rows(weight: Tensor) -> Written:
    scale = weight.float().abs().amax(1, keepdim=True) / 127
    stored = (weight.float() / scale).round().to(torch.int8)
    return {"weight": stored, "weight_scale": scale}, stored.float() * scale


def compressed4(weight: Tensor, symmetric: bool = True) -> Written:
    codes, scale, zero = rounded_groups(weight, 4, symmetric)
    told = {"weight_packed": packed(codes, 4), "weight_scale": scale, "weight_shape": torch.tensor(weight.shape)}
    if not symmetric:
        told["weight_zero_point"] = packed(zero.T, 4).T.contiguous()
    return told, plain(codes, scale, zero)


def gptq(weight: Tensor, bits: int = 4, shuffled: bool = False, less: int = 1) -> Written:
    """Packed along the inputs; zeros one less than they are, but in the second format."""
    order = torch.randperm(weight.shape[1], generator=torch.Generator().manual_seed(0)) if shuffled else None
    # Inputs of one group need not lie beside each other.
    codes, scale, zero = rounded_groups(weight if order is None else weight[:, order], bits)
    group = torch.arange(weight.shape[1]) // GROUP
    if order is not None:
        back = order.argsort()
        codes, group = codes[:, back], group[back]
    stored_zero = (zero - less) & ((1 << bits) - 1)
    scale = scale.half()
    tensors = {
        "qweight": packed(codes, bits).T.contiguous(),
        "qzeros": packed(stored_zero.T, bits),
        "scales": scale.T.contiguous(),
        "g_idx": group.int(),
    }
    return tensors, plain(codes, scale.float(), zero, group)


def awq(weight: Tensor) -> Written:
    """Packed along the outputs: of eight columns, nibble i holds the one that stands at place i of an order."""
    codes, scale, zero = rounded_groups(weight, 4)

    def mixed(values: Tensor) -> Tensor:
        return values.unflatten(1, (-1, 8))[..., [0, 2, 4, 6, 1, 3, 5, 7]].flatten(1)

    scale = scale.half()
    tensors = {
        "qweight": packed(mixed(codes.T), 4),
        "qzeros": packed(mixed(zero.T), 4),
        "scales": scale.T.contiguous(),
    }
    return tensors, plain(codes, scale.float(), zero)


def nf4(weight: Tensor, nested: bool = False) -> Written:
    """bitsandbytes: two codes a byte, the first in the upper half; sizes of blocks of 64, or codes of these."""
    table, flat = torch.tensor(NF4), weight.float().flatten()
    sizes = flat.view(-1, 64).abs().amax(1)
    note = {"quant_type": "nf4", "blocksize": 64, "dtype": "float32", "shape": list(weight.shape)}
    extra: dict[str, Tensor] = {"weight.absmax": sizes}
    if nested:
        offset = float(sizes.mean())
        outer = torch.stack([part.abs().max() for part in (sizes - offset).split(256)])
        second = torch.linspace(-1, 1, 256)
        within = (sizes - offset) / outer.repeat_interleave(256)[: len(sizes)]
        codes = (within[:, None] - second).abs().argmin(1)
        sizes = second[codes] * outer.repeat_interleave(256)[: len(sizes)] + offset
        extra = {
            "weight.absmax": codes.to(torch.uint8),
            "weight.nested_absmax": outer,
            "weight.nested_quant_map": second,
        }
        note |= {"nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": offset}
    codes = ((flat.view(-1, 64) / sizes[:, None])[..., None] - table).abs().argmin(-1)
    wanted = (table[codes] * sizes[:, None]).view(weight.shape)
    first, second_ = codes.flatten()[::2], codes.flatten()[1::2]
    tensors = {
        "weight": (first * 16 + second_).to(torch.uint8)[:, None],
        "weight.quant_map": table,
        "weight.quant_state.bitsandbytes__nf4": torch.tensor(list(json.dumps(note).encode()), dtype=torch.uint8),
        **extra,
    }
    return tensors, wanted


def int8_bitsandbytes(weight: Tensor) -> Written:
    largest = weight.float().abs().amax(1)
    stored = (weight.float() / largest[:, None] * 127).round().to(torch.int8)
    wanted = stored.float() * largest[:, None] / 127
    return {"weight": stored, "SCB": largest, "weight_format": torch.tensor(0, dtype=torch.uint8)}, wanted


def _compressed(form: str, bits: int) -> dict[str, Any]:
    groups = {"group_0": {"targets": ["Linear"], "weights": {"num_bits": bits}}}
    return {"quant_method": "compressed-tensors", "format": form, "config_groups": groups, "ignore": ["lm_head"]}


FORMS: dict[str, Form] = {
    "fp8 in blocks": Form({"quant_method": "fp8", "weight_block_size": [32, 32]}, fp8_blocks),
    "fp8 by rows": Form(_compressed("float-quantized", 8), fp8_rows),
    "fp8 as a whole": Form(_compressed("float-quantized", 8), fp8_whole),
    "int8": Form(_compressed("int-quantized", 8), int8_rows),
    "int4 packed": Form(_compressed("pack-quantized", 4), compressed4),
    "int4 packed, with zeros": Form(_compressed("pack-quantized", 4), lambda weight: compressed4(weight, False)),
    "gptq": Form({"quant_method": "gptq", "bits": 4, "group_size": GROUP}, gptq),
    "gptq in an order": Form(
        {"quant_method": "gptq", "bits": 4, "desc_act": True}, lambda weight: gptq(weight, 4, True)
    ),
    "gptq of 8 bits": Form({"quant_method": "gptq", "bits": 8}, lambda weight: gptq(weight, 8)),
    "gptq, second format": Form(
        {"quant_method": "gptq", "bits": 4, "checkpoint_format": "gptq_v2"}, lambda weight: gptq(weight, less=0)
    ),
    "awq": Form({"quant_method": "awq", "bits": 4, "group_size": GROUP, "version": "gemm"}, awq),
    "nf4": Form({"quant_method": "bitsandbytes", "load_in_4bit": True}, nf4),
    "nf4, nested": Form({"quant_method": "bitsandbytes", "load_in_4bit": True}, lambda weight: nf4(weight, True)),
    "bitsandbytes int8": Form({"quant_method": "bitsandbytes", "load_in_8bit": True}, int8_bitsandbytes),
}


def is_inside_decoder(name: str, tensor: Tensor) -> bool:
    """Whether a file's tensor is the weight of a linear layer inside a decoder layer, and of a size for all forms."""
    is_linear = name.endswith(".weight") and tensor.ndim == 2 and "layers." in name and "vision" not in name
    return is_linear and not name.endswith(".mlp.gate.weight") and fits(tensor)


def fits(weight: Tensor) -> bool:
    """Whether codes of all forms fill whole numbers with it; programs that quantise leave other layers plain."""
    return weight.shape[0] % 8 == 0 and weight.shape[1] % GROUP == 0


def store(source: Path, target: Path, form: Form) -> Path:
    """Copies a folder with the decoder's linear layers quantised to `target`, and beside it to `target`-plain as the
    plain weights that these stand for."""
    made = {}
    for folder in (target, target.with_name(f"{target.name}-plain")):
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("*.safetensors", "*.index.json"))
        made[folder] = {}
    for file in sorted(source.glob("*.safetensors")):
        for name, tensor in load_file(file).items():
            tensors, wanted = {name: tensor}, tensor
            if is_inside_decoder(name, tensor):
                parts, wanted = form.write(tensor)
                tensors = {name.removesuffix("weight") + part: each for part, each in parts.items()}
            made[target] |= tensors
            made[target.with_name(f"{target.name}-plain")][name] = wanted
    for folder, tensors in made.items():
        save_file({name: each.contiguous() for name, each in tensors.items()}, folder / "model.safetensors")
    path = target / "config.json"
    config = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(config | {"quantization_config": form.settings}), "utf-8")
    return target
