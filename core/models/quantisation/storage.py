"""config.json -> how a folder's quantised weights are stored, and why some cannot be read. No torch here.

A quantised weight lies in a file as several tensors: its codes, and the scales that make numbers of them again.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from safetensors import SafetensorError, safe_open

from core.errors import ModelError, shown

Method = Literal["scaled", "compressed", "gptq", "awq", "bitsandbytes4", "bitsandbytes8"]

_PLAIN = {"F16", "BF16", "F32", "F64", "I64", "BOOL"}

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


def read_storage(config: Mapping[str, Any], dtypes: Iterable[str] | None = None) -> Storage | None:
    """How the weights of a model are stored; None where they are plain.

    What config.json says counts for nothing where every tensor is a plain number: merging leaves it behind.

    Args:
        config: the content of its config.json.
        dtypes: of all of its tensors, as their files name them; None where they are known to be quantised.

    Raises:
        ModelError: they cannot be read here; the sentence says why.
    """
    said = _said(config)
    if not said or (dtypes is not None and all(dtype in _PLAIN for dtype in dtypes)):
        return None
    if not isinstance(said, Mapping):
        raise _unreadable(said)
    try:
        return _storage(said, said.get("quant_method") or ("bitsandbytes" if "load_in_8bit" in said else None))
    except (AttributeError, TypeError, ValueError, KeyError):
        raise _unreadable(said.get("quant_method")) from None


def loadable(config: Mapping[str, Any], dtypes: Iterable[str] | None = None) -> str | None:
    """Why a model's quantised weights cannot be read here; None where they can, or are plain; see `read_storage`."""
    try:
        read_storage(config, dtypes)
    except ModelError as error:
        return str(error)
    return None


def storage_of(folder: Path) -> Storage | None:
    """As `read_storage`, of the model in a folder; None also where its files cannot be read, which others say."""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        if not isinstance(config, dict) or not _said(config):
            return None
        paths = sorted(folder.glob("*.safetensors"))
        return read_storage(config, _dtypes(tuple((path, path.stat().st_mtime_ns) for path in paths)))
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=16)  # a page describes its model at every rerun
def _dtypes(files: tuple[tuple[Path, int], ...]) -> frozenset[str]:
    found: set[str] = set()
    for path, _ in files:
        try:
            with safe_open(path, "np") as file:
                found |= {file.get_slice(name).get_dtype() for name in file.keys()}
        except SafetensorError:  # whoever loads it says so
            pass
    return frozenset(found)


def stored_parts(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Names of a file's tensors -> layer -> {what follows the layer's name: the tensor's name}, of quantised ones."""
    known, found = set(names), {}
    for marker, parts in _PARTS.items():
        for name in known:
            layer, dot, _ = name.rpartition(f".{marker}")
            if dot and name == f"{layer}.{marker}" and layer not in found:
                found[layer] = {part: f"{layer}.{part}" for part in parts if f"{layer}.{part}" in known}
    return found


def _said(config: Mapping[str, Any]) -> Any:
    inner = config.get("text_config")
    return config.get("quantization_config") or (isinstance(inner, Mapping) and inner.get("quantization_config"))


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
