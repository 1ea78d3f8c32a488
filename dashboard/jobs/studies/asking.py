"""Studies that ask the model once for everybody, and those whose findings are a report. No Streamlit here."""

from collections.abc import Callable
from typing import Any, TypeVar

from cache import ResultStore
from core import ExplainResult, InputError
from dashboard.jobs.question import Step
from dashboard.jobs.studies.base import Study, StudyTools

UNREADABLE = (AttributeError, KeyError, TypeError, ValueError, InputError)
"""What reading a report or an entry raises that another version wrote."""


Found = TypeVar("Found")


def asked_once(
    read: Callable[[ExplainResult, ResultStore], Found | None], asked: Callable[[StudyTools], tuple[Any, ...]]
) -> Callable[[StudyTools], Found]:
    """`Study.compute`: what is stored, else what a function finds where the model is.

    Args:
        read: as `Study.read`.
        asked: -> the function and its arguments; it imports what brings torch, which pages do without.
    """

    def compute(tools: StudyTools) -> Found:
        stored = read(tools.run, tools.results)
        if stored is not None:
            return stored
        return tools.explainer().call(*asked(tools), on_step=lambda *step: tools.on_progress(Step(*step)))

    return compute


def read_report(
    run: ExplainResult,
    values: dict[str, Any] | None,
    from_dict: Callable[[dict[str, Any]], Found],
    answer: str = "answer",
) -> Found | None:
    """What a stored report says of a run; None where another version wrote it, or it is about another answer.

    Args:
        answer: the attribute that holds the answer's text.
    """
    try:
        found = None if values is None else from_dict(values)
    except UNREADABLE:
        return None
    return found if found is not None and getattr(found, answer) == run.answer.text else None


def report_study(
    key: Callable[[ExplainResult], str],
    from_dict: Callable[[dict[str, Any]], Any],
    asked: Callable[[StudyTools], tuple[Any, ...]],
    **words: Any,
) -> Study:
    """A study whose findings are one report: stored under a key, and read back while the run's answer is the same.

    Args:
        from_dict: the inverse of the findings' `to_dict`.
        asked: as of `asked_once`.
        words: the rest of the `Study`.
    """

    def read(run: ExplainResult, results: ResultStore) -> Any:
        return read_report(run, results.get_report(key(run)), from_dict)

    def save(found: Any, run: ExplainResult, results: ResultStore) -> None:
        results.put_report(key(run), found.to_dict())

    return Study(read=read, compute=asked_once(read, asked), save=save, **words)
