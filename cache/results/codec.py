"""Stored entries <-> bytes: lossless, checked, no pickle anywhere.

    entry  = FRAME(magic, kind, raw size, checksum) + zlib(raw)
    layer  : raw = LAYER(rows, columns, samples, answer digest) + byte planes of mean and deviation
    pass   : raw = JSON of request, answer, grid, layers and timings
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
import struct
import zlib
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from cache.errors import CorruptEntry, brief
from core.schema import Answer, Token
from core.schema.box_conventions import SeenPicture

MAX_ENTRY_BYTES = 2**25
"""Largest entry, before and after compression; a 16,384-cell layer takes 2**17."""

MOST_LAYERS = 10_000
"""Layers that a model can be said to have; the deepest have some hundreds."""

_MAGIC = b"CAM\x01"
_FRAME = struct.Struct("<4sBI16s")
_LAYER = struct.Struct("<III16s")
_BAD_FIELDS = (AttributeError, KeyError, TypeError, ValueError, OverflowError, RecursionError)
_KINDS = {"layer": 1, "pass": 2, "answer": 3, "report": 4, "counts": 5, "arrays": 6}
# 1: higher levels gain 1 % and take up to twice as long.
_COMPRESSION = 1


@dataclass(frozen=True, eq=False)
class LayerEntry:
    """One layer's map.

    Attributes:
        heat, squared_deviation: float32 [grid_h, grid_w].
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
        seen: see `ExplainResult.seen`.
    """

    request: dict[str, Any]
    answer: Answer
    grid: tuple[int, int]
    total_layers: int
    timings: dict[str, float]
    seen: SeenPicture | None = None


def answer_digest(answer: Answer) -> bytes:
    """16 bytes that tell answers apart by text and token ids."""
    return hashlib.sha256(to_json([answer.text, [token.id for token in answer.tokens]])).digest()[:16]


def encode_layer(key: str, entry: LayerEntry) -> bytes:
    """Bytes of a layer entry, to be stored under `key`.

    Raises:
        ValueError: the arrays are not two float32 maps of one shape, or are too large to store.
    """
    maps = np.stack([entry.heat, entry.squared_deviation])
    if maps.dtype != np.float32 or maps.ndim != 3:
        raise ValueError(f"a layer is two float32 maps [rows, columns], not {maps.dtype} {maps.shape[1:]}")
    planes = maps.astype("<f4", copy=False).reshape(-1).view(np.uint8).reshape(-1, 4).T
    header = _LAYER.pack(*maps.shape[1:], entry.num_samples, entry.answer)
    return pack("layer", key, header + planes.tobytes())


def decode_layer(key: str, data: bytes) -> LayerEntry:
    """The inverse of `encode_layer`, bit for bit.

    Raises:
        CorruptEntry: `data` is not what was stored under `key`.
    """
    raw = unpack("layer", key, data)
    if len(raw) < _LAYER.size:
        raise CorruptEntry("its header is cut short")
    rows, columns, num_samples, answer = _LAYER.unpack_from(raw)
    if rows * columns * 8 != len(raw) - _LAYER.size or not rows * columns * num_samples:
        raise CorruptEntry(f"its size does not fit a grid of {rows} x {columns}")
    planes = np.frombuffer(raw, np.uint8, offset=_LAYER.size).reshape(4, -1)
    floats = np.ascontiguousarray(planes.T).view("<f4").astype(np.float32, copy=False)
    heat, squared_deviation = floats.reshape(2, rows, columns)
    return LayerEntry(heat, squared_deviation, num_samples, answer)


def encode_pass(key: str, entry: PassEntry) -> bytes:
    """Bytes of a pass entry, to be stored under `key`."""
    values = asdict(entry) | {"answer": _answer_values(entry.answer)}
    if entry.seen is None:  # as before it was kept
        del values["seen"]
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
            answer=_answer(values["answer"]),
            grid=(int(rows), int(columns)),
            total_layers=_layers(values["total_layers"]),
            timings={str(phase): float(seconds) for phase, seconds in values["timings"].items()},
            seen=_seen(values.get("seen")),
        )
    except _BAD_FIELDS as error:
        raise CorruptEntry(f"its fields cannot be read ({brief(error)})") from error


def encode_answer(key: str, answer: Answer) -> bytes:
    """Bytes of an answer entry, to be stored under `key`."""
    return pack("answer", key, to_json(_answer_values(answer)))


def decode_answer(key: str, data: bytes) -> Answer:
    """The inverse of `encode_answer`.

    Raises:
        CorruptEntry: `data` is not what was stored under `key`.
    """
    try:
        return _answer(json.loads(unpack("answer", key, data).decode("utf-8", "surrogatepass")))
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


def _answer_values(answer: Answer) -> dict[str, Any]:
    values = asdict(answer)
    if not answer.thought:  # as before there were thoughts
        del values["thought"]
    return values


def _answer(values: dict[str, Any]) -> Answer:
    tokens = tuple(
        Token(
            id=int(token["id"]),
            text=str(token["text"]),
            probability=float(token["probability"]),
            alternatives=tuple((str(text), float(chance)) for text, chance in token["alternatives"]),
            start=int(token["start"]),
            stop=int(token["stop"]),
        )
        for token in values["tokens"]
    )
    thought = int(values.get("thought", 0))
    if not 0 <= thought <= len(tokens):
        raise ValueError("a thought is longer than its answer")
    return Answer(text=str(values["text"]), tokens=tokens, thought=thought)


def _seen(values: dict[str, Any] | None) -> SeenPicture | None:
    if values is None:
        return None
    own, given = values["size"], values["seen"]
    return SeenPicture(str(values["model_type"]), _size(own), None if given is None else _size(given))


def _size(values: Any) -> tuple[int, int]:
    width, height = map(int, values)
    if not 0 < min(width, height) <= max(width, height) < 2**31:
        raise ValueError("a picture has no such size")
    return width, height


def _layers(number: Any) -> int:
    # Whoever reads a pass names every layer that it may have: a forged number must not take all memory.
    if not 1 <= (layers := int(number)) <= MOST_LAYERS:
        raise ValueError(f"a model has no {layers} layers")
    return layers


def to_json(values: Any) -> bytes:
    """Plain values as JSON."""
    # Python writes floats so that they read back the same, NaN included.
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


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
