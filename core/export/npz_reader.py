"""The inverse of `core.export.npz.to_npz`: bytes of a stranger -> a checked result, without unpickling anything."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from core.errors import ExplainError, InputError
from core.export.budget import Budget, OverBudget
from core.export.description import LONGEST_DESCRIPTION, MOST_LAYERS, DescribedToken, Description, read_description
from core.export.npy import LONGEST_HEADER, read_header
from core.export.npz import picture_suffix
from core.export.zips import ZipLimits, named_members, open_zip, read_member
from core.schema import Answer, ExplainRequest, ExplainResult, TimeStep, Token, gather
from core.schema.box_conventions import SeenPicture

LIMITS = ZipLimits(members=400, single=2**26, total=2**28, ratio=math.inf)
"""More than the largest export has: 80 layers of 16,384 cells are 5 MB."""
MOST_CELLS = 2**23
"""Of all maps of one result; 80 layers of 16,384 cells are a sixth of it."""
MOST_CELLS_OF_A_MAP = 2**18
_BAD = (AttributeError, IndexError, KeyError, OverflowError, RecursionError, TypeError, ValueError)
_WHAT = "result.npz"


def from_npz(data: bytes, budget: Budget | None = None) -> ExplainResult:
    """The result that `to_npz` wrote, companions and further pictures included, bit for bit.

    Args:
        budget: what of a whole import's is left; None for that of this file alone.

    Raises:
        InputError: the bytes are not such a file; one sentence says in what way.
    """
    arrays = read_arrays(data, budget)
    if "squared_deviation" not in arrays.names:
        raise InputError(f"{_WHAT} comes from an older version or another program. Export the run again.")
    try:
        told = _description(arrays)
        request = ExplainRequest.from_dict(told.request.model_dump(exclude_unset=True))
        answer = _answer(told)
        request.target.indices(answer)  # raises where the answer has no such tokens
        results = _of_picture(request, answer, told, told, arrays, "")
        for number, each in enumerate(told.pictures, 1):
            further = request.of_picture(number)
            if each.image != further.image:
                raise InputError("its pictures are not in the order in which its request names them.")
            results += _of_picture(further, answer, each, told, arrays, picture_suffix(number))
        return gather(results)
    except OverBudget:
        raise
    except ExplainError as error:
        raise InputError(f"{_WHAT} cannot be used: {error}") from None
    except _BAD:
        raise InputError(f"{_WHAT} is not what an export writes: its description cannot be read.") from None


def read_arrays(data: bytes, budget: Budget | None = None) -> "Arrays":
    """The arrays of an NPZ file: plain numbers and texts only. Their headers are read, their values not yet.

    Args:
        budget: see `from_npz`.

    Raises:
        InputError: it is no NPZ file, too large, or holds Python objects.
    """
    return Arrays(data, budget or Budget(len(data), what=_WHAT))


class Arrays:
    """The arrays of an NPZ file, each unpacked when it is asked for; see `read_arrays`."""

    def __init__(self, data: bytes, budget: Budget) -> None:
        self._file, self._budget, self._cells = open_zip(data, LIMITS, _WHAT), budget, 0
        members = named_members(self._file, _WHAT)
        self._members = {name.removesuffix(".npy"): each for name, each in members.items() if name.endswith(".npy")}
        # Of what is never read, too: others read the same file with programs that do.
        self._headers = {
            name: read_header(
                read_member(self._file, member, _WHAT, LONGEST_HEADER), member.file_size, _WHAT, LONGEST_DESCRIPTION
            )
            for name, member in self._members.items()
        }
        self.names = self._headers.keys()

    def read(self, name: str) -> np.ndarray:
        """The array of that name.

        Raises:
            InputError: there is none, it is damaged, or the budget does not suffice.
        """
        if name not in self._headers:
            raise InputError("its description cannot be read: it tells of an array that is not there.")
        member = self._members[name]
        self._budget.take_bytes(member.file_size)
        return self._headers[name].array(read_member(self._file, member, _WHAT))

    def heat(self, name: str, axes: int = 3) -> np.ndarray:
        """Finite heat, float32 [maps, rows, columns], or with 4 axes [maps, time, rows, columns].

        Raises:
            InputError: as `read`, or it is none, or has more cells than a run has.
        """
        header = self._headers.get(name)
        if header is not None:
            if header.dtype != np.float32 or len(header.shape) != axes or not header.size:
                raise InputError("its heat is not made of finite float32 maps.")
            self._cells += header.size
            if math.prod(header.shape[1:]) > MOST_CELLS_OF_A_MAP or self._cells > 2 * MOST_CELLS:  # mean and deviation
                raise InputError(
                    f"its maps have more cells than can be read: {MOST_CELLS_OF_A_MAP:,} of one, {MOST_CELLS:,} in all."
                )
            self._budget.take_cells(header.size)
        array = self.read(name)
        if not np.isfinite(array).all():
            raise InputError("its heat is not made of finite float32 maps.")
        return array


def _description(arrays: Arrays) -> Description:
    array = arrays.read("description")
    if array.dtype.kind != "U" or array.ndim:
        raise InputError("its description cannot be read: it is no text.")
    return read_description(str(array[()]))


def _of_picture(
    request: ExplainRequest, answer: Answer, maps: Any, told: Description, arrays: Arrays, end: str
) -> list[ExplainResult]:
    """The result about one picture, then those of its companions."""
    own = maps.seen
    seen = own and SeenPicture(own.model_type, tuple(own.size), own.seen and tuple(own.seen))
    steps = tuple(TimeStep(float(start), float(stop)) for start, stop in maps.steps)
    main = replace(_result(request, answer, maps, told.total_layers, arrays, end, steps), seen=seen)
    if main.grid != (maps.grid.rows, maps.grid.columns):
        raise InputError("its maps have another grid than its description says.")
    others = []
    for name, each in maps.companions.items():
        other = request.with_method(name, tuple(each.layers))
        if other.layers != tuple(each.layers) or name == request.method:
            raise InputError(f"its description cannot be read: it tells of the method {name} what cannot be.")
        total = told.total_layers if each.total_layers is None else each.total_layers
        others.append(replace(_result(other, answer, each, total, arrays, f"_{name}{end}", steps), seen=seen))
    return [main, *others]


def _result(
    request: ExplainRequest,
    answer: Answer,
    told: Any,
    total: Any,
    arrays: Arrays,
    suffix: str,
    steps: tuple[TimeStep, ...],
) -> ExplainResult:
    samples = told.num_samples
    if type(samples) is not int or not 1 <= samples <= request.num_samples:
        raise InputError(f"it cannot have {_number(samples)} samples where {request.num_samples} were asked for.")
    if type(total) is not int or not max(request.layers, default=0) < total <= MOST_LAYERS:
        raise InputError(f"its model cannot have {_number(total)} layers.")
    axes = 3 + request.is_video
    heat, deviation = arrays.heat(f"heat{suffix}", axes), arrays.heat(f"squared_deviation{suffix}", axes)
    if heat.shape != deviation.shape or len(heat) != len(request.maps):
        raise InputError("its description cannot be read: it tells of other maps than there are.")
    if (deviation < 0).any():
        raise InputError("its squared deviations are negative.")
    timings = dict(told.seconds)
    return ExplainResult(request, answer, heat, deviation, samples, total, timings, steps=steps)


def _number(value: Any) -> str:
    """A number as it was given; what is none, and may be a stranger's text, is not repeated."""
    return repr(value) if isinstance(value, int | float) and abs(value) < 1e15 else "such"


def _answer(told: Description) -> Answer:
    if told.thought > len(told.tokens):
        raise InputError("its description cannot be read: its thought is longer than its answer.")
    return Answer(told.answer, tuple(_token(token, len(told.answer)) for token in told.tokens), told.thought)


def _token(told: DescribedToken, characters: int) -> Token:
    alternatives = tuple((text, chance) for text, chance in told.alternatives)
    if not all(isinstance(text, str) and isinstance(chance, float | int) for text, chance in alternatives):
        raise InputError("its answer's tokens cannot be read.")
    if not told.start <= told.stop <= characters:
        raise InputError("its answer's tokens stand where the answer has no characters.")
    alternatives = tuple((text, float(chance)) for text, chance in alternatives)
    return Token(told.id, told.text, float(told.probability), alternatives, told.start, told.stop)
