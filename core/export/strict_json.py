"""JSON of strangers -> plain values: finite numbers, each key once, and no text that is not Unicode."""

import json
import math
from typing import Any, NoReturn


class NotJson(ValueError):
    """A text is no JSON that this program would write; `str(error)` says why, as the end of a sentence."""


def read_json(text: str | bytes) -> Any:
    """The value that a JSON text holds.

    Raises:
        NotJson: it is none, names a key twice, or holds a number that is infinite, none, or too long to be read.
    """
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_finite)
        _refuse_surrogates(value)
        return value
    except NotJson:
        raise
    except RecursionError:
        raise NotJson("it is nested too deeply") from None
    except (ValueError, MemoryError):  # UnicodeDecodeError and numbers of too many digits are ValueErrors
        raise NotJson("it is no JSON") from None


def _refuse_surrogates(value: Any) -> None:
    """Half of a character that takes two can stand in an escape, and in no file, page or database."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) and not each.isascii() and any("\ud800" <= one <= "\udfff" for one in each):
            raise NotJson("it holds half a character (a lone surrogate)")
        waiting.extend(each if isinstance(each, list) else [*each, *each.values()] if isinstance(each, dict) else ())


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise NotJson("it names a key twice")
    return values


def _no_number(name: str) -> NoReturn:
    raise NotJson(f"it holds {name}, which is no number")


def _finite(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise NotJson("it holds a number that is too large")
    return number
