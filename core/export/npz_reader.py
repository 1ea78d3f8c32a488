"""The inverse of `core.export.npz.to_npz`: bytes of a stranger -> a checked result, without unpickling anything."""

import io
import json
import math
from typing import Any

import numpy as np

from core.errors import ExplainError, InputError
from core.export.npz import picture_suffix
from core.export.zips import ZipLimits, open_zip, read_member
from core.schema import MAX_NEW_TOKENS, Answer, ExplainRequest, ExplainResult, Token, gather
from core.schema.methods import METHODS

LIMITS = ZipLimits(members=100, single=2**27, total=2**28, ratio=math.inf)
"""More than the largest export has: 80 layers of 16,384 cells are 5 MB."""
MOST_LAYERS = 1_000
_BAD = (AttributeError, IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
_WHAT = "result.npz"


def from_npz(data: bytes) -> ExplainResult:
    """The result that `to_npz` wrote, companions and further pictures included, bit for bit.

    Raises:
        InputError: the bytes are not such a file; one sentence says in what way.
    """
    arrays = read_arrays(data)
    if "squared_deviation" not in arrays:
        raise InputError(f"{_WHAT} comes from an older version or another program. Export the run again.")
    try:
        told = json.loads(str(arrays["description"]))
        request = ExplainRequest.from_dict(told["request"])
        answer = _answer(told)
        results = _of_picture(request, answer, told, arrays, "")
        for number, each in enumerate(told.get("pictures", []), 1):
            further = request.of_picture(number)
            results += _of_picture(further, answer, told | each, arrays, picture_suffix(number))
    except ExplainError as error:
        raise InputError(f"{_WHAT} cannot be used: {error}") from None
    except _BAD:
        raise InputError(f"{_WHAT} is not what an export writes: its description cannot be read.") from None
    return gather(results)


def read_arrays(data: bytes) -> dict[str, np.ndarray]:
    """The arrays of an NPZ file: plain numbers and texts only.

    The headers are read here, since numpy reserves whatever memory a header claims before it reads a value.

    Raises:
        InputError: it is no NPZ file, too large, or holds Python objects.
    """
    file = open_zip(data, LIMITS, _WHAT)
    return {
        member.filename.removesuffix(".npy"): _array(read_member(file, member, _WHAT))
        for member in file.infolist()
        if member.filename.endswith(".npy")
    }


def _array(data: bytes) -> np.ndarray:
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        read = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, fortran, dtype = read(stream)
    except _BAD:
        raise InputError(f"{_WHAT} holds an array that cannot be read. Export the run again.") from None
    if dtype.hasobject:
        raise InputError(
            f"{_WHAT} holds Python objects, which no export does and which could run code. It was refused."
        )
    values = data[stream.tell() :]
    if dtype.kind not in "fiU" or fortran or math.prod(shape) * dtype.itemsize != len(values):
        raise InputError(f"{_WHAT} holds an array that cannot be read. Export the run again.")
    # `frombuffer` refuses an empty buffer.
    return (np.frombuffer(values, dtype) if values else np.empty(0, dtype)).reshape(shape)


def _of_picture(
    request: ExplainRequest, answer: Answer, told: dict[str, Any], arrays: dict[str, np.ndarray], end: str
) -> list[ExplainResult]:
    """The result about one picture, then those of its companions."""
    others = [
        _result(request.with_method(name, tuple(each["layers"])), answer, told | each, arrays, f"_{name}{end}")
        for name, each in told["companions"].items()
        if name in METHODS
    ]
    return [_result(request, answer, told, arrays, end), *others]


def _result(
    request: ExplainRequest, answer: Answer, told: dict[str, Any], arrays: dict[str, np.ndarray], suffix: str
) -> ExplainResult:
    heat, deviation = arrays[f"heat{suffix}"], arrays[f"squared_deviation{suffix}"]
    for array in (heat, deviation):
        if array.dtype != np.float32 or array.ndim != 3 or not array.size or not np.isfinite(array).all():
            raise InputError("its heat is not made of finite float32 maps.")
    samples, total = told["num_samples"], told["total_layers"]
    if type(samples) is not int or not 1 <= samples <= request.num_samples:
        raise InputError(f"it cannot have {samples!r} samples where {request.num_samples} were asked for.")
    if type(total) is not int or not max(request.layers, default=0) < total <= MOST_LAYERS:
        raise InputError(f"its model cannot have {total!r} layers.")
    timings = {str(step): float(seconds) for step, seconds in told["seconds"].items()}
    if not all(0 <= seconds < math.inf for seconds in timings.values()):
        raise InputError("its times are no numbers of seconds.")
    return ExplainResult(
        request, answer, heat.astype(np.float32), deviation.astype(np.float32), samples, total, timings
    )


def _answer(told: dict[str, Any]) -> Answer:
    text, tokens = told["answer"], tuple(_token(token) for token in told["tokens"])
    if not isinstance(text, str) or len(tokens) > MAX_NEW_TOKENS:
        raise InputError("its answer cannot be read.")
    return Answer(text, tokens)


def _token(values: dict[str, Any]) -> Token:
    token = Token(
        id=int(values["id"]),
        text=str(values["text"]),
        probability=float(values["probability"]),
        alternatives=tuple((str(text), float(chance)) for text, chance in values["alternatives"]),
        start=int(values["start"]),
        stop=int(values["stop"]),
    )
    chances = (token.probability, *(chance for _, chance in token.alternatives))
    if not all(0 <= chance <= 1 for chance in chances) or not 0 <= token.start <= token.stop:
        raise InputError("its answer's tokens cannot be read.")
    return token
