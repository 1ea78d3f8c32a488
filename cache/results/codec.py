"""Stored entries <-> bytes: lossless, checked, no pickle anywhere.

    entry  = FRAME(magic, kind, raw size, checksum) + zlib(raw)
    layer  : raw = LAYER(rows, columns, samples, answer digest) + byte planes of mean and deviation
    timed  : raw = TIMED(time steps, rows, columns, samples, answer digest) + the same; a layer of a video
    pass   : raw = JSON of request, answer, grid, layers and timings; of a video, of its time steps, too
    answer : raw = JSON of the answer
    report : raw = JSON of plain values
    counts : raw = JSON of the sample counts that are stored of a pass, ascending
    arrays : see `cache.results.arrays`

The checksum covers the entry's key too, so that bytes copied under another key do not pass.
Byte planes (all first bytes of the floats, then all second bytes, ...) put the exponents side by
side; that is where float maps compress.
"""

import hashlib
import json
import math
import struct
import zlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cache.errors import CorruptEntry, brief
from cache.results.fields import answer_values, read_answer, read_layers, read_seen, read_steps
from core.errors import InputError
from core.schema import Answer, TimeStep
from core.schema.box_conventions import SeenPicture

MAX_ENTRY_BYTES = 2**25
"""Largest entry, before and after compression; a 16,384-cell layer takes 2**17."""

_MAGIC = b"CAM\x01"
_FRAME = struct.Struct("<4sBI16s")
_LAYER = struct.Struct("<III16s")
_TIMED = struct.Struct("<IIII16s")
_BAD_FIELDS = (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError, InputError)
_KINDS = {"layer": 1, "pass": 2, "answer": 3, "report": 4, "counts": 5, "arrays": 6, "timed": 7}
# 1: higher levels gain 1 % and take up to twice as long.
_COMPRESSION = 1


@dataclass(frozen=True, eq=False)
class LayerEntry:
    """One layer's map.

    Attributes:
        heat, squared_deviation: float32 [grid_h, grid_w], of a video [time, grid_h, grid_w].
        num_samples: samples in the mean.
        answer: `answer_digest` of the answer that the map explains.
    """

    heat: np.ndarray
    squared_deviation: np.ndarray
    num_samples: int
    answer: bytes


@dataclass(frozen=True)
class PassEntry:
    """What the pass tells whichever layers were read.

    Attributes:
        request: `ExplainRequest.to_dict()` of the run that wrote it.
        grid: rows and columns of visual tokens.
        timings: seconds by phase.
        seen, steps: see `ExplainResult`.
    """

    request: dict[str, Any]
    answer: Answer
    grid: tuple[int, int]
    total_layers: int
    timings: dict[str, float]
    seen: SeenPicture | None = None
    steps: tuple[TimeStep, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """Of each of its maps: the grid, of a video with its time steps before it."""
        return (len(self.steps), *self.grid) if self.steps else self.grid


def answer_digest(answer: Answer) -> bytes:
    """16 bytes that tell answers apart by text and token ids."""
    return hashlib.sha256(to_json([answer.text, [token.id for token in answer.tokens]])).digest()[:16]


def encode_layer(key: str, entry: LayerEntry) -> bytes:
    """Bytes of a layer entry, to be stored under `key`.

    Raises:
        ValueError: the arrays are not two float32 maps of one shape, or are too large to store.
    """
    maps = np.stack([entry.heat, entry.squared_deviation])
    if maps.dtype != np.float32 or maps.ndim not in (3, 4):
        raise ValueError(f"a layer is two float32 maps [(time,) rows, columns], not {maps.dtype} {maps.shape[1:]}")
    planes = maps.astype("<f4", copy=False).reshape(-1).view(np.uint8).reshape(-1, 4).T
    kind, layout = ("layer", _LAYER) if maps.ndim == 3 else ("timed", _TIMED)
    header = layout.pack(*maps.shape[1:], entry.num_samples, entry.answer)
    return pack(kind, key, header + planes.tobytes())


def decode_layer(key: str, data: bytes) -> LayerEntry:
    """The inverse of `encode_layer`, bit for bit.

    Raises:
        CorruptEntry: `data` is not what was stored under `key`.
    """
    kind, layout = ("timed", _TIMED) if _kind_of(data) == _KINDS["timed"] else ("layer", _LAYER)
    raw = unpack(kind, key, data)
    if len(raw) < layout.size:
        raise CorruptEntry("its header is cut short")
    *shape, num_samples, answer = layout.unpack_from(raw)
    cells = math.prod(shape)
    if cells * 8 != len(raw) - layout.size or not cells * num_samples:
        raise CorruptEntry(f"its size does not fit a grid of {' x '.join(map(str, shape))}")
    planes = np.frombuffer(raw, np.uint8, offset=layout.size).reshape(4, -1)
    floats = np.ascontiguousarray(planes.T).view("<f4").astype(np.float32, copy=False)
    heat, squared_deviation = floats.reshape(2, *shape)
    return LayerEntry(heat, squared_deviation, num_samples, answer)


def encode_pass(key: str, entry: PassEntry) -> bytes:
    """Bytes of a pass entry, to be stored under `key`."""
    values = asdict(entry) | {"answer": answer_values(entry.answer)}
    if entry.seen is None:  # as before it was kept
        del values["seen"]
    del values["steps"]
    if entry.steps:
        values["steps"] = [[step.start, step.end] for step in entry.steps]
    return pack("pass", key, to_json(values))


def decode_pass(key: str, data: bytes) -> PassEntry:
    """The inverse of `encode_pass`.

    Raises:
        CorruptEntry: `data` is not what was stored under `key`.
    """
    try:
        values = json.loads(unpack("pass", key, data).decode("utf-8", "surrogatepass"))
        rows, columns = values["grid"]
        return PassEntry(
            request=dict(values["request"]),
            answer=read_answer(values["answer"]),
            grid=(int(rows), int(columns)),
            total_layers=read_layers(values["total_layers"]),
            timings={str(phase): float(seconds) for phase, seconds in values["timings"].items()},
            seen=read_seen(values.get("seen")),
            steps=read_steps(values.get("steps", [])),
        )
    except _BAD_FIELDS as error:
        raise CorruptEntry(f"its fields cannot be read ({brief(error)})") from error


def encode_answer(key: str, answer: Answer) -> bytes:
    """Bytes of an answer entry, to be stored under `key`."""
    return pack("answer", key, to_json(answer_values(answer)))


def decode_answer(key: str, data: bytes) -> Answer:
    """The inverse of `encode_answer`.

    Raises:
        CorruptEntry: `data` is not what was stored under `key`.
    """
    try:
        return read_answer(json.loads(unpack("answer", key, data).decode("utf-8", "surrogatepass")))
    except _BAD_FIELDS as error:
        raise CorruptEntry(f"its fields cannot be read ({brief(error)})") from error


def encode_report(key: str, values: dict[str, Any]) -> bytes:
    """Bytes of a report, plain JSON values, to be stored under `key`."""
    return pack("report", key, to_json(values))


def decode_report(key: str, data: bytes) -> dict[str, Any]:
    """The inverse of `encode_report`.

    Raises:
        CorruptEntry: `data` is not what was stored under `key`.
    """
    try:
        return dict(json.loads(unpack("report", key, data).decode("utf-8", "surrogatepass")))
    except _BAD_FIELDS as error:
        raise CorruptEntry(f"its fields cannot be read ({brief(error)})") from error


def encode_counts(key: str, counts: tuple[int, ...]) -> bytes:
    """Bytes of a list of sample counts, to be stored under `key`."""
    return pack("counts", key, to_json(counts))


def decode_counts(key: str, data: bytes) -> tuple[int, ...]:
    """The inverse of `encode_counts`.

    Raises:
        CorruptEntry: `data` is not what was stored under `key`.
    """
    try:
        return tuple(int(count) for count in json.loads(unpack("counts", key, data)))
    except _BAD_FIELDS as error:
        raise CorruptEntry(f"its fields cannot be read ({brief(error)})") from error


def to_json(values: Any) -> bytes:
    """Plain values as JSON."""
    # Python writes floats so that they read back the same, NaN included.
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _kind_of(data: bytes) -> int:
    return data[len(_MAGIC)] if len(data) > len(_MAGIC) else 0


def _checksum(key: str, body: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\n" + body).digest()[:16]


def pack(kind: str, key: str, raw: bytes) -> bytes:
    """The bytes of an entry.

    Raises:
        ValueError: it is too large to store.
    """
    if len(raw) > MAX_ENTRY_BYTES:
        raise ValueError(f"an entry of {len(raw):,} bytes is larger than {MAX_ENTRY_BYTES:,}")
    body = zlib.compress(raw, _COMPRESSION)
    return _FRAME.pack(_MAGIC, _KINDS[kind], len(raw), _checksum(key, body)) + body


def unpack(kind: str, key: str, data: bytes) -> bytes:
    """The inverse of `pack`.

    Raises:
        CorruptEntry: `data` is not what was stored under `key`.
    """
    if len(data) < _FRAME.size:
        raise CorruptEntry("it is cut short")
    magic, number, size, checksum = _FRAME.unpack_from(data)
    if magic != _MAGIC or number != _KINDS[kind]:
        raise CorruptEntry(f"it is no {kind} entry of this format")
    if size > MAX_ENTRY_BYTES:
        raise CorruptEntry(f"it claims {size:,} bytes")
    body = data[_FRAME.size :]
    if checksum != _checksum(key, body):
        raise CorruptEntry("its checksum is wrong")
    # The checksum has no secret: a forger can make it fit, so the size is bounded while unpacking.
    unpacker = zlib.decompressobj()
    try:
        raw = unpacker.decompress(body, size + 1)
    except zlib.error as error:
        raise CorruptEntry(f"it cannot be decompressed ({error})") from error
    if len(raw) != size or not unpacker.eof or unpacker.unused_data:
        raise CorruptEntry("its size is wrong")
    return raw
