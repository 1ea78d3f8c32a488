"""Checks of what people give, each with a sentence of its own."""

from typing import Any

from core.errors import InputError


def check_whole(what: str, value: Any, low: int, high: int | None = None) -> None:
    """Refuses what is no whole number from `low` to `high`; True and False are none.

    Args:
        what: how the message calls it.

    Raises:
        InputError: saying what is allowed.
    """
    if type(value) is not int or value < low or (high is not None and value > high):
        allowed = f"of {low} or more" if high is None else f"from {low:,} to {high:,}"
        raise InputError(f"{what} must be a whole number {allowed}, not {value!r}.")
