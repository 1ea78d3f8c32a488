"""Tracebacks as the log holds them: where it happened and what kind it was, and no words that people wrote."""

import sqlite3
import traceback
from collections.abc import Iterator

_OF_THE_MACHINE = (OSError, MemoryError, ImportError, NameError, AttributeError, TypeError, RuntimeError, sqlite3.Error)
"""Kinds whose text speaks of the machine or of the program. Others, such as ValueError, quote what they were given."""
_OF_TEXT = (UnicodeError, RecursionError)

_CAUSED = "\nThe above exception was the direct cause of the following exception:\n\n"
_DURING = "\nDuring handling of the above exception, another exception occurred:\n\n"


def trace(error: BaseException) -> str:
    """As Python writes an error with what led to it, without the texts that may hold people's words."""
    return "".join(_written(error, set())).rstrip("\n")


def _written(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before, link = error.__cause__, _CAUSED
    if before is None and not error.__suppress_context__:
        before, link = error.__context__, _DURING
    if before is not None and id(before) not in seen:
        yield from _written(before, seen)
        yield link
    if error.__traceback__ is not None:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    yield f"{_kind(error)}{_text(error)}\n"
    for each in error.exceptions if isinstance(error, BaseExceptionGroup) else ():
        if id(each) not in seen:
            yield f"\nOne of its errors:\n{''.join(_written(each, seen))}"


def _kind(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _text(error: BaseException) -> str:
    if not str(error):
        return ""
    if isinstance(error, _OF_THE_MACHINE) and not isinstance(error, _OF_TEXT):
        return f": {one_line(str(error))}"
    return " (what it says is left out: it may hold words that people wrote)"


def one_line(text: str) -> str:
    """Text in which nothing can forge a second line, or speak to a terminal."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
