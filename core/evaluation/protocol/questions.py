"""Rows of a data set -> questions: cases that one answer serves, because picture, prompt and sentence are the same."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.evaluation.datasets.case import Case, Skipped
from core.evaluation.datasets.matching import where_said
from core.schema import Answer
from core.schema.target import Score, Target


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


def target_of(case: Case, answer: Answer, score: Score) -> Target | None:
    """What of an answer is explained for a case: the whole of it, or the tokens of the name that it says first.

    Returns:
        None where it says none of the case's names. A thought before the answer does not count.
    """
    if not case.phrases:
        return Target.answer(score=score, sentence=case.sentence)
    begin = answer.tokens[answer.said.start].start if answer.said.start else 0
    said = where_said(case, answer.text[begin:])
    if said is None:
        return None
    start, stop = begin + said.start, begin + said.stop
    touched = [
        index for index in answer.said if answer.tokens[index].start < stop and answer.tokens[index].stop > start
    ]
    if answer.text == said.phrase or not touched:
        return Target.answer(score=score, sentence=case.sentence)
    return Target.tokens(touched[0], touched[-1] + 1, score=score, sentence=case.sentence)
