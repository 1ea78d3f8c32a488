"""config.json -> how a folder's quantised weights are stored, and why some cannot be read. No torch here.

A quantised weight lies in a file as several tensors: its codes, and the scales that make numbers of them again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.errors import ModelError, shown

Method = Literal["scaled", "compressed", "gptq", "awq", "bitsandbytes4", "bitsandbytes8"]

READ = "FP8, compressed-tensors, GPTQ, AWQ and bitsandbytes"

# Of each method: the tensor that only a quantised weight has, and all that it may be made of, by what follows the
# layer's name in a file. A layer has no more than one of the first kind.
_PARTS: dict[str, tuple[str, ...]] = {
    "weight_packed": ("weight_packed", "weight_scale", "weight_zero_point", "weight_g_idx"),
    "qweight": ("qweight", "qzeros", "scales", "g_idx"),
    "weight.absmax": ("weight", "weight.absmax", "weight.quant_map", "weight.nested_absmax", "weight.nested_quant_map"),
    "SCB": ("weight", "SCB"),
    "weight_scale_inv": ("weight", "weight_scale_inv"),
    "weight_scale": ("weight", "weight_scale", "weight_zero_point"),
}


@dataclass(frozen=True)
class Storage:
    """How the quantised weights of one folder are stored.

    Attributes:
        method: which function of `core.models.quantisation.unpacking` reads them.
        bits: of each weight.
        block: (rows, columns) that share a scale, where that is said.
        zero_offset: what has to be added to GPTQ's stored zeros: their first format holds one less.
    """

    method: Method
    bits: int
    block: tuple[int, int] | None = None
    zero_offset: int = 0


def read_storage(config: Mapping[str, Any]) -> Storage | None:
    """How the weights of a model are stored; None where config.json speaks of none that are quantised.

    Raises:
        ModelError: they cannot be read here; the sentence says why.
    """
    said = config.get("quantization_config") or (config.get("text_config") or {}).get("quantization_config")
    if not said:
        return None
    if not isinstance(said, Mapping):
        raise _unreadable(said)
    try:
        return _storage(said, said.get("quant_method") or ("bitsandbytes" if "load_in_8bit" in said else None))
    except (AttributeError, TypeError, ValueError, KeyError):
        raise _unreadable(said.get("quant_method")) from None


def loadable(config: Mapping[str, Any]) -> str | None:
    """Why the quantised weights of a config.json's model cannot be read here; None where they can, or are plain."""
    try:
        read_storage(config)
    except ModelError as error:
        return str(error)
    return None


def stored_parts(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Names of a file's tensors -> layer -> {what follows the layer's name: the tensor's name}, of quantised ones."""
    known, found = set(names), {}
    for marker, parts in _PARTS.items():
        for name in known:
            layer, dot, _ = name.rpartition(f".{marker}")
            if dot and name == f"{layer}.{marker}" and layer not in found:
                found[layer] = {part: f"{layer}.{part}" for part in parts if f"{layer}.{part}" in known}
    return found


def _storage(said: Mapping[str, Any], method: str | None) -> Storage:
    if method in ("fp8", "fbgemm_fp8"):
        block = said.get("weight_block_size")
        return Storage("scaled", 8, tuple(block) if block else None)
    if method == "compressed-tensors":
        return _compressed(said)
    if method == "gptq":
        bits = said["bits"]
        if bits not in (2, 4, 8):
            raise _unreadable(f"GPTQ with {bits} bits")
        return Storage("gptq", bits, zero_offset=0 if said.get("checkpoint_format") == "gptq_v2" else 1)
    if method == "awq":
        bits, version = said.get("bits", said.get("w_bit", 4)), str(said.get("version", "gemm")).lower()
        if bits != 4 or version != "gemm":
            raise _unreadable(f"AWQ in its version {version} with {bits} bits")
        return Storage("awq", 4)
    if method == "bitsandbytes":
        return Storage("bitsandbytes8", 8) if said.get("load_in_8bit") else Storage("bitsandbytes4", 4)
    raise _unreadable(method)


def _compressed(said: Mapping[str, Any]) -> Storage:
    groups = [group for group in said["config_groups"].values() if group.get("weights")]
    forms = {group.get("format") or said.get("format") for group in groups}
    bits = {group["weights"]["num_bits"] for group in groups}
    sparse = (said.get("sparsity_config") or {}).get("format", "dense") not in ("dense", None)
    if len(forms) != 1 or len(bits) != 1 or sparse:
        raise _unreadable("compressed-tensors of several forms")
    (form,), (width,) = forms, bits
    if form in ("float-quantized", "int-quantized", "naive-quantized") and width == 8:
        block = groups[0]["weights"].get("block_structure")
        return Storage("scaled", 8, tuple(block) if block else None)
    if form == "pack-quantized" and width in (4, 8):
        return Storage("compressed", width)
    raise _unreadable(f"compressed-tensors in the form {form} with {width} bits")


def _unreadable(what: object) -> ModelError:
    named = what if isinstance(what, str) else shown(what)
    return ModelError(
        f"This model's weights are quantised ({named}), and are not read here. Take its plain weights, which may be "
        f"loaded with the option 4bit or 8bit, or a folder of {READ}."
    )
