"""Values of wrong type and range, for whatever takes an argument."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ExplainError

WRONG_VALUES: tuple[Any, ...] = (
    *(None, True, False, Ellipsis, NotImplemented, object(), int, len, lambda *_: 1 / 0),
    *(-1, 0, 1, 7, 2**31, 2**63, 10**40, -(10**40)),
    *(-0.5, 0.5, 1e30, float("nan"), float("inf"), -float("inf"), 1j, Decimal("0.1")),
    *(
        "",
        " ",
        "\0",
        "\n",
        "7",
        "nan",
        "all",
        "no such name",
        "a\ud800b",
        "\udfff",
        "\u202e abc",
        "<|image_pad|>",
        "a/\0",
    ),
    *("../../etc/passwd", "x" * 100_001, "\ud83d", "🙂" * 300, "'; DROP TABLE runs; --", "1" * 5000, "[" * 5000),
    *(b"", b"\0", b"GIF89a", bytearray(b"x"), memoryview(b"x")),
    *([], [None], [[]], [1, 1], [-1], [10**40], ["a"], [True], [float("nan")], (), (None,), {}, {"a": 1}, {None: None}),
    *(set(), frozenset({1}), range(0), range(3), range(10**9), slice(None)),
    *(np.zeros(0), np.zeros((2, 3, 4)), np.array(3), np.float32("nan"), np.int64(2), np.array(["a"], object)),
    *(Path(), Path("/nowhere/at all.png"), Path("/dev/null"), Path("a\0b"), Path("\udc80")),
)
"""None of them is right everywhere, and some are right somewhere."""

NOTHING_TAKES_IT = next(value for value in WRONG_VALUES if type(value) is object)

LONGEST_SENTENCE = 1000


def shown(value: Any) -> str:
    """A value in a message of a test."""
    text = ascii(value) if not callable(value) else getattr(value, "__name__", "function")
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def faults(
    call: Callable[..., Any],
    given: dict[str, Any],
    *,
    words: dict[str, str],
    is_tried: Callable[[str, Any], bool],
    takes_anything: Callable[[str], bool],
) -> Iterator[str]:
    """What is wrong with what comes of a call where each argument in turn is each of `WRONG_VALUES`.

    That is an exception that is not this project's; a sentence that is empty, long, or names neither the argument nor
    the value; and a value of no kind at all that is taken.

    Args:
        given: arguments with which the call works. What a function among them raises is its own affair, so that
            functions are not tried there.
        words: what sentences call an argument, where that is not its name: a regular expression, by the name.
        is_tried: of an argument's name and a wrong value.
        takes_anything: of an argument's name, whether any value at all may be given.
    """
    if given:
        call(**given)
    for name, right in given.items():
        for value in WRONG_VALUES:
            if not is_tried(name, value) or (callable(value) and (callable(right) or name == "on_progress")):
                continue
            try:
                call(**given | {name: value})
                if value is NOTHING_TAKES_IT and not takes_anything(name):
                    yield f"{name}={shown(value)} is taken"
            except ExplainError as error:
                if fault := _fault(str(error), name, value, words):
                    yield f"{name}={shown(value)}: {fault}"
            except Exception as error:  # noqa: BLE001 - whatever else it is, it is not ours
                yield f"{name}={shown(value)}: {type(error).__name__}: {error}"[:300]


def _fault(sentence: str, name: str, value: Any, words: dict[str, str]) -> str:
    if not 0 < len(sentence.strip()) <= LONGEST_SENTENCE:
        return f"a sentence of {len(sentence)} characters"
    if not re.search(words.get(name, _stem(name)), sentence, re.IGNORECASE) and _begin(value) not in sentence:
        return f"a sentence that does not say what it is about: {sentence[:200]}"
    return ""


def _stem(name: str) -> str:
    """The words of a name, without their endings."""
    return "|".join(re.escape(word[:4]) for word in name.split("_") if len(word) > 2)


def _begin(value: Any) -> str:
    """How a message may begin to show a value."""
    return repr(value)[:20]
