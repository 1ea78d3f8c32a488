"""Values of wrong type and range, for whatever takes an argument or an address parameter."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import ExplainError

WRONG_VALUES: tuple[Any, ...] = (
    *(None, True, False, Ellipsis, NotImplemented, object(), int, len, lambda *_: 1 / 0),
    *(-1, 0, 1, 7, 2**31, 2**63, 10**40, -(10**40)),
    *(-0.5, 0.5, 1e30, float("nan"), float("inf"), -float("inf"), 1j, Decimal("0.1")),
    *("", " ", "\0", "\n", "7", "nan", "all", "a\ud800b", "\udfff", "\u202e abc", "<|image_pad|>", "a/\0"),
    *("../../etc/passwd", "x" * 100_001, "\ud83d", "🙂" * 300, "'; DROP TABLE runs; --", "1" * 5000, "[" * 5000),
    *(b"", b"\0", b"GIF89a", bytearray(b"x"), memoryview(b"x")),
    *([], [None], [[]], [1, 1], [-1], [10**40], ["a"], [True], [float("nan")], (), (None,), {}, {"a": 1}, {None: None}),
    *(set(), frozenset({1}), range(0), range(3), range(10**9), slice(None)),
    *(np.zeros(0), np.zeros((2, 3, 4)), np.array(3), np.float32("nan"), np.int64(2), np.array(["a"], object)),
    *(Path(), Path("/nowhere/at all.png"), Path("/dev/null"), Path("a\0b"), Path("\udc80")),
)
"""None of them is right everywhere, and some are right somewhere."""


def shown(value: Any) -> str:
    """A value in a message of a test."""
    text = ascii(value) if not callable(value) else getattr(value, "__name__", "function")
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def foreign_errors(call: Callable[..., Any], given: dict[str, Any]) -> list[str]:
    """Exceptions that are not this project's, where each argument in turn is each of `WRONG_VALUES`.

    Args:
        given: arguments with which the call works. What a function among them raises is its own affair, so that
            functions are not tried there.
    """
    call(**given)
    found = []
    for name, right in given.items():
        for value in WRONG_VALUES:
            if callable(value) and (callable(right) or name == "on_progress"):
                continue
            try:
                call(**given | {name: value})
            except ExplainError as error:
                if not str(error).strip() or len(str(error)) > 1000:
                    found.append(f"{name}={shown(value)}: a sentence of {len(str(error))} characters")
            except Exception as error:  # noqa: BLE001 - whatever else it is, it is not ours
                found.append(f"{name}={shown(value)}: {type(error).__name__}: {error}"[:300])
    return found
