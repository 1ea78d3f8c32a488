"""Which tensors a safetensors file holds, told by its header, and whether all of the file is there. No torch here.

The format (https://github.com/huggingface/safetensors): 8 bytes, the header's length N, little-endian; N bytes of
JSON, name -> dtype, shape and [begin, end) in what follows; then the tensors' bytes, without gaps.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import ModelError
from core.models.folders.hub_cache import hub_id_of

_LONGEST_HEADER = 100 << 20  # the format's own limit
_POINTER = b"version https://git-lfs"
_WHOLE_POINTER = 1024
_AGAIN = "Copy it again."
_FETCH_AGAIN = "Delete it there, with what it links to, and give the model's hub id: it is fetched again."


@dataclass(frozen=True)
class StoredTensor:
    """A tensor as a file's header tells of it.

    Attributes:
        dtype: as the format writes it: "BF16", "F32", "I32", "F8_E4M3"...
    """

    dtype: str
    shape: tuple[int, ...]


def is_lfs_pointer(path: Path) -> bool:
    """Whether this is Git LFS's note of where a file lies, and not the file.

    Raises:
        OSError: it cannot be read.
    """
    if path.stat().st_size > _WHOLE_POINTER:
        return False
    return path.read_bytes().startswith(_POINTER)


def read_header(path: Path) -> dict[str, StoredTensor]:
    """Every tensor of a safetensors file that is whole.

    Raises:
        ModelError: it is empty, a part of a file, or no safetensors file.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if not size:
        raise ModelError(
            f"The file {path.name} in {path.parent} is empty. {_FETCH_AGAIN if hub_id_of(path.parent) else _AGAIN}"
        )
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 or not 2 <= length <= _LONGEST_HEADER:
            raise _no_safetensors(path)
        if size < 8 + length:
            raise _half(path, size, 8 + length)
        header = file.read(length)
    try:
        told = json.loads(header)
        tensors = {name: _tensor(value) for name, value in told.items() if name != "__metadata__"}
        ends = [int(value["data_offsets"][1]) for name, value in told.items() if name != "__metadata__"]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        raise _no_safetensors(path) from None
    whole = 8 + length + max(ends, default=0)
    if size < whole:
        raise _half(path, size, whole)
    if size > whole:  # the safetensors library refuses it, too
        raise _no_safetensors(path)
    return tensors


def _tensor(value: Mapping[str, Any]) -> StoredTensor:
    return StoredTensor(str(value["dtype"]), tuple(int(side) for side in value["shape"]))


def _half(path: Path, size: int, whole: int) -> ModelError:
    return ModelError(
        f"The file {path.name} in {path.parent} is not whole: it has {size:,} bytes of at least {whole:,}, by its own "
        f"header. {_FETCH_AGAIN if hub_id_of(path.parent) else _AGAIN}"
    )


def _no_safetensors(path: Path) -> ModelError:
    again = _FETCH_AGAIN if hub_id_of(path.parent) else _AGAIN
    return ModelError(f"The file {path.name} in {path.parent} is no safetensors file, or a damaged one. {again}")
