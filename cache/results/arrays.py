"""What is read of a model layer by layer beside its maps: some arrays a layer, and what the layers share.

An entry of arrays is

    raw = HEADER(length of the description) + JSON of name, type and shape of each array + their byte planes

in the frame of `cache.results.codec`. What layers share is a report, stored after them, hence evicted after them.
"""

import json
import math
import struct
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np

from cache import keys
from cache.errors import CorruptEntry, brief
from cache.results import codec
from cache.results.entries import EntryStore, Row
from core.schema import ExplainRequest

_HEADER = struct.Struct("<I")
_TYPES = {"float32": "<f4", "int32": "<i4"}
_MOST_AXES = 6

Arrays = Mapping[str, np.ndarray]


def encode_arrays(key: str, arrays: Arrays) -> bytes:
    """Bytes of named arrays, float32 or int32, to be stored under `key`.

    Raises:
        ValueError: an array is of another type, or they are too large to store.
    """
    if any(each.dtype.name not in _TYPES for each in arrays.values()):
        raise ValueError(f"arrays are {' or '.join(_TYPES)}, not {[each.dtype.name for each in arrays.values()]}")
    about = codec.to_json([[name, each.dtype.name, each.shape] for name, each in arrays.items()])
    planes = [_planes(each).tobytes() for each in arrays.values()]
    return codec.pack("arrays", key, b"".join([_HEADER.pack(len(about)), about, *planes]))


def decode_arrays(key: str, data: bytes) -> dict[str, np.ndarray]:
    """The inverse of `encode_arrays`, bit for bit.

    Raises:
        CorruptEntry: `data` is not what was stored under `key`.
    """
    raw = codec.unpack("arrays", key, data)
    try:
        (length,) = _HEADER.unpack_from(raw)
        described = json.loads(raw[_HEADER.size : _HEADER.size + length])
        offset, found = _HEADER.size + length, {}
        for name, kind, shape in described:
            if not isinstance(name, str) or len(shape) > _MOST_AXES or any(type(n) is not int or n < 0 for n in shape):
                raise ValueError("an array has no such name or shape")
            size = 4 * math.prod(shape)
            if offset + size > len(raw):
                raise ValueError("an array is cut short")
            planes = np.frombuffer(raw, np.uint8, size, offset).reshape(4, size // 4)
            values = np.ascontiguousarray(planes.T).view(_TYPES[kind])
            found[name] = values.astype(kind, copy=False).reshape(shape)
            offset += size
    except (struct.error, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise CorruptEntry(f"its arrays cannot be read ({brief(error)})") from error
    if offset != len(raw):
        raise CorruptEntry("its size does not fit its arrays")
    return found


def put_reading(
    store: EntryStore, name: str, request: ExplainRequest, shared: dict[str, Any], layers: Iterable[tuple[int, Arrays]]
) -> None:
    """Stores what was read of each layer, and what they share; all of it or nothing.

    Args:
        name: of the reading, as in `keys.HEADS`.
        shared: plain JSON values.

    Raises:
        StoreError: nothing could be stored; the sentence says why and what to do.
    """
    rows: list[Row] = []
    for layer, arrays in layers:
        key = keys.reading_key(name, request, layer)
        rows.append((key, "arrays", encode_arrays(key, arrays)))
    key = keys.reading_key(name, request, None)
    store.write([*rows, (key, "report", codec.encode_report(key, shared))])


def get_shared(store: EntryStore, name: str, request: ExplainRequest) -> dict[str, Any] | None:
    """What the layers of a reading share, or None; never raises."""
    return store.read(keys.reading_key(name, request, None), codec.decode_report)


def get_layers(
    store: EntryStore, name: str, request: ExplainRequest, layers: Iterable[int], wanted: Iterable[str]
) -> dict[str, np.ndarray] | None:
    """The arrays of some layers, each stacked over them; None unless all are there and fit. Never raises.

    Args:
        wanted: names of the arrays that every layer must have.
    """
    decode = partial(_decode_wanted, frozenset(wanted))
    found = [store.read(keys.reading_key(name, request, layer), decode) for layer in layers]
    if not found or any(each is None for each in found):
        return None
    try:
        return {each: np.stack([arrays[each] for arrays in found]) for each in found[0]}
    except ValueError:
        return None  # layers of two readings that differ


def _decode_wanted(wanted: frozenset[str], key: str, data: bytes) -> dict[str, np.ndarray]:
    arrays = decode_arrays(key, data)
    if arrays.keys() != wanted:
        raise CorruptEntry("it holds other arrays than are looked for")
    return arrays


def _planes(values: np.ndarray) -> np.ndarray:
    """All first bytes, then all second bytes, ...: side by side they compress."""
    stored = np.ascontiguousarray(values).astype(_TYPES[values.dtype.name], copy=False)
    return stored.reshape(-1).view(np.uint8).reshape(-1, 4).T
