"""Where an answer names what a row of a data set means."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.evaluation.datasets.case import Case
from core.schema.words import find_whole_words


@dataclass(frozen=True)
class Said:
    """A phrase as it stands in an answer.

    Attributes:
        phrase: the answer's own characters.
        start, stop: its first character, and one past its last one.
    """

    phrase: str
    start: int
    stop: int


def first_said(answer: str, phrases: Sequence[str], beside: Sequence[str] = ()) -> Said | None:
    """The first place of an answer where one of the phrases stands; of two that begin there, the longer one.

    Phrases are whole words, whatever their case and the blanks between them: "man" is not said in "woman". Chinese is
    written without borders of words, and there every place counts.

    Args:
        beside: names of other things. A phrase within one of them is not said: a "hot dog" is no "dog".

    Returns:
        None where the answer says none of them.
    """
    others = [span for name in beside for span in _places(answer, name)]
    found = [
        (start, -stop)
        for phrase in phrases
        for start, stop in _places(answer, phrase)
        if not any(begin <= start and stop <= end and (begin, end) != (start, stop) for begin, end in others)
    ]
    if not found:
        return None
    start, stop = min(found)
    return Said(answer[start:-stop], start, -stop)


def where_said(case: Case, answer: str) -> Said | None:
    """`first_said` for a row; None, too, for a row whose whole answer is explained."""
    return first_said(answer, case.phrases, case.beside)


def _places(answer: str, phrase: str) -> list[tuple[int, int]]:
    return find_whole_words(answer, phrase) if phrase.strip() else []
