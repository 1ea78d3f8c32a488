"""Checks of what people give, each with a sentence of its own."""

from collections.abc import Collection
from dataclasses import MISSING, fields
from itertools import islice
from types import UnionType
from typing import Any

from core.errors import InputError, shown


def check_whole(what: str, value: Any, low: int, high: int | None = None) -> None:
    """Refuses what is no whole number from `low` to `high`; True and False are none.

    Args:
        what: how the message calls it.

    Raises:
        InputError: saying what is allowed.
    """
    if type(value) is not int or value < low or (high is not None and value > high):
        allowed = f"of {low} or more" if high is None else f"from {low:,} to {high:,}"
        raise InputError(f"{what} must be a whole number {allowed}, not {shown(value)}.")


def check_choice(what: str, value: Any, names: Collection[str]) -> None:
    """Refuses what is none of some names.

    Args:
        what: the kind of thing that they name.

    Raises:
        InputError: with the names.
    """
    if not isinstance(value, str) or value not in names:
        raise InputError(f"There is no {what} called {shown(value)}. Choose one of: {', '.join(names)}.")


def check_instance(what: str, value: Any, kind: type | UnionType, wanted: str) -> None:
    """Refuses a value of another type.

    Args:
        what: how the message calls it.
        wanted: what it has to be, in words.

    Raises:
        InputError: saying so.
    """
    if not isinstance(value, kind):
        raise InputError(f"{what} must be {wanted}, not {shown(value)}.")


def check_list(what: str, value: Any, most: int) -> list[Any]:
    """The entries of a list or of anything else that can be gone through, of which nobody knows yet that it ends.

    Args:
        what: how the message calls it.
        most: entries that it may have.

    Raises:
        InputError: it cannot be gone through, or has more of them.
    """
    try:
        listed = list(islice(iter(value), most + 1))
    except TypeError:
        raise InputError(f"{what} cannot be {shown(value)}. Give a list.") from None
    if len(listed) > most:
        raise InputError(f"{what} can be at most {most:,} entries. Name each once.")
    return listed


def holds_surrogates(text: str) -> bool:
    """Whether half of a character that takes two stands alone in a text, which no file, page or model can hold."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def known_fields(kind: type, what: str, values: Any) -> dict[str, Any]:
    """A copy of the values of a dataclass's fields; refuses others, and what lacks one that has to be there.

    Args:
        what: how the message calls it.

    Raises:
        InputError: saying which are not known, or which are missing.
    """
    check_instance(f"The values of {what}", values, dict, "a JSON object")
    known = fields(kind)
    unknown = sorted(shown(name) for name in values.keys() - {each.name for each in known})
    needed = {each.name for each in known if each.default is MISSING and each.default_factory is MISSING}
    missing = sorted(needed - values.keys())
    if unknown or missing:
        wrong = f"does not have {', '.join(unknown[:5])}" if unknown else f"needs {', '.join(missing)}"
        raise InputError(f"What describes {what} cannot be read: it {wrong}.")
    return dict(values)
