"""Finished English sentences in another language: of errors, of notes, of what is stored."""

import re
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache

from dashboard.language.catalogue import files, read, translations
from dashboard.language.spoken import ENGLISH, language

BELOW = "below"
"""The catalogues whose messages are templates of sentences that were finished below the pages begin so."""

OURS = {
    *("what", "wanted", "called", "one", "many", "all", "title", "lower", "words", "kind", "advice", "why"),
    *("said_by", "said", "error", "reason", "wrong", "model_type", "held"),
}
"""Fields that hold words of this project's own. What is filled into others is carried over as it is: it is people's."""

_FIELD = re.compile(r"\{(\w+)\}")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?]) (?=\S)")
_QUOTES = ('"', "'", "“")
_MOST_SENTENCES = 60
_LONGEST_MESSAGE = 8
"""Sentences of which one message is made, at most; only a whole text may be one of more."""
_DEEPEST = 4
"""Messages within one another."""
_LONGEST_REMEMBERED = 2_000


@dataclass(frozen=True)
class Template:
    """A message in which something is filled in.

    Attributes:
        texts: what is written, before, between and after the fields.
        names: of the fields, one fewer.
        string: the translation.
    """

    texts: tuple[str, ...]
    names: tuple[str, ...]
    string: str

    @property
    def letters(self) -> int:
        """How much of it is written: the more, the more it tells."""
        return sum(map(len, self.texts))

    @cached_property
    def is_sentence(self) -> bool:
        """Whether it may stand beside others; else it is a title, or a part of a sentence."""
        written = "{}".join(self.texts)
        return written.endswith((".", "!", "?")) or ". " in written

    def match(self, text: str) -> dict[str, str] | None:
        """What was filled in, where a text was made of it; found in one go, however long the text is."""
        first, *between, last = self.texts
        at, end = len(first), len(text) - len(last)
        if at > end or not text.startswith(first) or not text.endswith(last):
            return None
        values = []
        for written in between:
            found = text.find(written, at, end)
            if found < 0:
                return None
            values.append(text[at:found])
            at = found + len(written)
        values.append(text[at:end])
        filled = dict(zip(self.names, values, strict=True))
        is_same = all(filled[name] == value for name, value in zip(self.names, values, strict=True))
        return filled if is_same and all(values) else None


def sentence(text: str) -> str:
    """One or more English sentences in the language that is spoken; those that no catalogue knows stay as they are.

    What was filled in is found by the words around it and carried over as it is, unless its field is one of `OURS`.

    Args:
        text: as an error or a note says it.
    """
    name = language()
    return text if name == ENGLISH or not text.strip() else _translated(text, name)


def _translated(text: str, name: str, depth: int = 0) -> str:
    """What is short is remembered: a page says the same things at every click."""
    return (_remembered if len(text) <= _LONGEST_REMEMBERED else _remembered.__wrapped__)(text, name, depth)


@lru_cache(2048)
def _remembered(text: str, name: str, depth: int) -> str:
    """The text in the way in which most of its sentences are known, and of these the one that tells most."""
    ends = [found.start() for found in _SENTENCE_ENDS.finditer(text)]
    if len(ends) > _MOST_SENTENCES:
        whole = _one(text, name, depth, among_others=False)
        return text if whole is None else whole[1]
    starts, stops = [0, *(end + 1 for end in ends)], [*ends, len(text)]
    count = len(stops)
    best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]  # unknown, how much is told, the pieces
    for stop in range(count):
        ways = []
        for start in range(stop + 1):
            is_whole = start == 0 and stop == count - 1
            if stop - start >= _LONGEST_MESSAGE and not is_whole:
                continue
            piece = text[starts[start] : stops[stop]]
            unknown, told, before = best[start]
            if (known := _one(piece, name, depth, among_others=not is_whole)) is not None:
                ways.append((unknown, told - known[0], (*before, known[1])))
            elif start == stop:
                ways.append((unknown + 1, told, (*before, piece)))
        best.append(min(ways))
    return _side_by_side(best[-1][2])


def _one(text: str, name: str, depth: int, among_others: bool) -> tuple[int, str] | None:
    """How much of one message is written, and the message in the other language; None where it is none."""
    said = translations(name).gettext(text) if text else ""
    if said != text:
        return len(text), said
    for template in _templates(name):
        if among_others and not template.is_sentence:
            continue
        if (filled := template.match(text)) is not None:
            values = {field: _filled_in(field, value, name, depth) for field, value in filled.items()}
            return template.letters, _FIELD.sub(lambda field, values=values: values[field[1]], template.string)
    return None


def _filled_in(field: str, value: str, name: str, depth: int) -> str:
    if field not in OURS or value.startswith(_QUOTES) or depth >= _DEEPEST:
        return value
    said = _translated(value, name, depth + 1)
    if said != value:
        return said
    # Within a sentence a title begins small, as in "Add occlusion".
    title = value[:1].upper() + value[1:]
    said = _translated(title, name, depth + 1)
    return value if said == title else said


@cache
def _templates(name: str) -> list[Template]:
    """All of a language, the most telling first."""
    messages = [each for path in files(name) if path.stem.startswith(BELOW) for each in read(path, name)]
    found = [
        Template(tuple(_FIELD.split(each.id)[::2]), tuple(_FIELD.findall(each.id)), each.string)
        for each in messages
        if isinstance(each.id, str) and each.string and _FIELD.search(each.id)
    ]
    return sorted(found, key=lambda each: -each.letters)


def _side_by_side(sentences: tuple[str, ...]) -> str:
    """Sentences as they stand after each other: a blank follows what ends in a Western full stop, and no other."""
    text = ""
    for each in sentences:
        text += f" {each}" if text and text[-1].isascii() else each
    return text
