"""Which words of an answer another one does not have, marked for people; not by colour alone."""

import re
from difflib import SequenceMatcher
from itertools import groupby

from core.schema.words import has_cjk
from dashboard.formatting import literal

_PIECE = re.compile(r"\w+|[^\w\s]")
LONGEST = 600
"""Characters of an answer that are shown."""


def changes(old: str, new: str) -> list[tuple[int, int, bool]]:
    """Where the new answer says something else: its parts (begin, stop, whether other), no blanks between.

    Words are compared whatever their case; of Chinese, Japanese and Korean each character by itself. What is only
    missing from the new answer is no part of it.
    """
    spans = _pieces(new)
    before = [old[begin:stop].casefold() for begin, stop in _pieces(old)]
    after = [new[begin:stop].casefold() for begin, stop in spans]
    is_new = [True] * len(after)
    for block in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        is_new[block.b : block.b + block.size] = [False] * block.size
    found = []
    for other, group in groupby(zip(spans, is_new, strict=True), key=lambda each: each[1]):
        run = [span for span, _other in group]
        found.append((run[0][0], run[-1][1], other))
    return found


def marked(old: str, new: str) -> str:
    """The new answer for an element of markdown: what is other stands bold, on a ground of its own."""
    shown = new if len(new) <= LONGEST else new[:LONGEST] + "…"
    words, last = "", 0
    for begin, stop, other in changes(old, shown):
        text = literal(shown[begin:stop])
        if text.endswith(":"):
            text = f"{text[:-1]}\\:"  # at the end of a line it would mean nothing, but more may follow here
        words += f"{' ' if begin > last else ''}{f':orange-background[**{text}**]' if other else text}"
        last = stop
    return words.strip()


def _pieces(answer: str) -> list[tuple[int, int]]:
    """Where its words and signs stand, in characters."""
    found = []
    for piece in _PIECE.finditer(answer):
        alone = has_cjk(piece[0])
        found += [(at, at + 1) for at in range(*piece.span())] if alone else [piece.span()]
    return found
