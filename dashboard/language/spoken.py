"""Which language is spoken: that of the page that is just drawn, or one that was said beforehand."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ENGLISH = "en"

LANGUAGES = {ENGLISH: "English", "zh_Hans": "简体中文"}
"""Languages that pages speak, and how each calls itself."""

_said: ContextVar[str | None] = ContextVar("said", default=None)
_ask_page: list[Callable[[], str | None]] = []


def language() -> str:
    """What is spoken here: by `speaking`, else that of the page that is being drawn, else English."""
    said = _said.get()
    if said is None and _ask_page:
        said = _ask_page[-1]()
    return said or ENGLISH


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Speaks a language of `LANGUAGES` within the block, on whatever page that is."""
    token = _said.set(name)
    try:
        yield
    finally:
        _said.reset(token)


def of_visitors(ask: Callable[[], str | None]) -> None:
    """Lets a function say what the visitor speaks whose page is being drawn; None where no page is."""
    _ask_page[:] = [ask]


def closest(tag: str) -> str | None:
    """The language of `LANGUAGES` for what a browser asks for, as "zh-CN" or "en-GB"; None for any other.

    Whoever reads traditional characters is given simplified ones rather than English.
    """
    start = tag.replace("_", "-").split("-")[0].lower()
    return next((name for name in LANGUAGES if name.split("_")[0] == start), None)
