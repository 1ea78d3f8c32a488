"""Why files could not be taken: a sentence each, with the file's name, and no more of them than people read."""

from collections.abc import Iterator
from contextlib import contextmanager

from core import ExplainError
from dashboard.formatting import literal, short
from dashboard.language import _, counted, sentence

MOST = 8
"""Sentences that are said; the others are counted."""


class Problems:
    """Collects what was wrong with each of many files. One bad file costs itself alone."""

    def __init__(self) -> None:
        self._sentences: list[str] = []
        self._more = 0

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """What goes wrong inside ends it, and is said of the file of that name."""
        try:
            yield
        except ExplainError as error:
            if len(self._sentences) < MOST:
                why = literal(sentence(str(error)))
                self._sentences.append(_("{file}: {problem}", file=literal(short(name, 60)), problem=why))
            else:
                self._more += 1

    def said(self) -> tuple[str, ...]:
        """The sentences, the last of which says how many more there are."""
        if not self._more:
            return tuple(self._sentences)
        more = counted(
            "And {count:,} more file could not be taken.", "And {count:,} more files could not be taken.", self._more
        )
        return (*self._sentences, more)
