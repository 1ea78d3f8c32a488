"""Lists of coordinates in a text: each number, and the characters it stands in."""

import re
from dataclasses import dataclass

Span = tuple[int, int]
"""Characters (start, stop) of a text."""

_NUMBER = r"[-+]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d++)?+|[-+]?(?:NaN|nan|Infinity|inf|null)\b"
_TOKEN = re.compile(rf"(?P<number>{_NUMBER})|(?P<open>[\[(])|(?P<close>[\])])|[\s,;]++")
COMMA = re.compile(r"\s*+,\s*+")
_END = re.compile(r"[\s`]*+\Z")
LIST = rf"[\[(](?:{_NUMBER}|[\[()\],;\s])*+"
"""Pattern of a list and of what follows it that may belong to it: numbers, brackets, commas and blanks."""


@dataclass(frozen=True)
class Number:
    """A number, and where it stands. One that is none, or too large to be one, has a value that is not finite."""

    value: float
    span: Span


@dataclass(frozen=True)
class NumberList:
    """What stands between brackets.

    Attributes:
        groups: numbers by the innermost brackets that hold them, in order.
        span: with its brackets.
        is_closed: whether each bracket is closed.
        is_cut: whether one is not because the text ends before.
    """

    groups: tuple[tuple[Number, ...], ...]
    span: Span
    is_closed: bool = True
    is_cut: bool = False


def read_list(text: str, start: int, stop: int) -> NumberList:
    """The list that begins at `start`, where a bracket is; nothing from `stop` on is read."""
    groups: list[list[Number]] = []
    depth, at, begins_group = 0, start, True
    while at < stop and (found := _TOKEN.match(text, at, stop)) is not None:
        at = found.end()
        if found["open"]:
            depth, begins_group = depth + 1, True
        elif found["close"]:
            depth, begins_group = depth - 1, True
            if depth <= 0:
                return NumberList(tuple(map(tuple, groups)), (start, at))
        elif found["number"]:
            if begins_group:
                groups.append([])
                begins_group = False
            groups[-1].append(Number(_value(found["number"]), found.span()))
    return NumberList(tuple(map(tuple, groups)), (start, at), False, _END.match(text, at) is not None)


def _value(digits: str) -> float:
    return float("nan") if digits == "null" else float(digits)
