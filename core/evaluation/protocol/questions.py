"""Rows of a data set -> questions: cases that one answer serves, because picture, prompt and sentence are the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.evaluation.datasets.case import Case, Skipped
from core.schema import Answer
from core.schema.words import find_phrase


@dataclass(frozen=True, eq=False)
class DataQuestion:
    """What is asked once.

    Attributes:
        number: its place in the data set, rows that cannot be measured counted as questions of their own.
        cases: the rows that it serves.
        skipped: of a row that cannot be measured: why. Then there are no cases.
    """

    number: int
    cases: tuple[Case, ...]
    skipped: Skipped | None = None

    @property
    def picture(self) -> Path:
        """The picture's file."""
        return self.cases[0].picture

    @property
    def rows(self) -> int:
        """Rows of the data set in it."""
        return len(self.cases) or 1


def questions_of(rows: Iterable[Case | Skipped]) -> Iterator[DataQuestion]:
    """The questions of a data set in its order; only neighbouring rows share one."""
    number, waiting = 0, []
    for row in rows:
        if waiting and (isinstance(row, Skipped) or _asked(row) != _asked(waiting[0])):
            yield DataQuestion(number, tuple(waiting))
            number, waiting = number + 1, []
        if isinstance(row, Skipped):
            yield DataQuestion(number, (), row)
            number += 1
        else:
            waiting.append(row)
    if waiting:
        yield DataQuestion(number, tuple(waiting))


def _asked(case: Case) -> tuple[Path, str, str | None]:
    return case.picture, case.prompt, case.sentence


def named(answer: Answer, phrases: tuple[str, ...]) -> tuple[str, int] | None:
    """The first of the phrases that an answer says, and which of its occurrences is the first after a thought.

    Returns:
        None where it says none of them.
    """
    begin = answer.tokens[answer.said.start].start if answer.said.start else 0
    for phrase in phrases:
        spans = find_phrase(answer.text, phrase)
        after = [number for number, (start, _stop) in enumerate(spans, 1) if start >= begin]
        if after:
            return phrase, after[0]
    return None
