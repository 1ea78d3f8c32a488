"""Saying something in the language that is spoken."""

from collections.abc import Iterable
from typing import Any

from dashboard.language.catalogue import translations
from dashboard.language.spoken import ENGLISH, language

_BETWEEN = {"zh_Hans": "、"}
"""What stands between the words of a list, where it is no comma."""


def _(message: str, /, **values: Any) -> str:
    """A message in the language that is spoken; as it is where that has none.

    Args:
        message: English, written out where it is said: catalogues are made from the code. With values, it names each
            in braces, as in "{count:,} runs".
        values: what is filled in, as it shall be shown. It is not translated.
    """
    said = message if (name := language()) == ENGLISH else translations(name).gettext(message)
    return said.format(**values) if values else said


def counted(one: str, many: str, count: int, /, **values: Any) -> str:
    """`_` for a number of things: `counted("{count} run", "{count} runs", len(runs))`."""
    said = translations(language()).ngettext(one, many, count)
    return said.format(count=count, **values)


def listed(words: Iterable[str]) -> str:
    """Several words or phrases in a row, each as it shall be shown."""
    return _BETWEEN.get(language(), ", ").join(words)


def N_(message: str) -> str:  # noqa: N802 (the name that gettext's tools know)
    """Marks a message that is written here and said elsewhere: `_(TITLES[name])`."""
    return message
