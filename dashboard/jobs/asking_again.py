"""A question as a line of the list of jobs, and what it takes to ask it again. No Streamlit here."""

from typing import Any

from core import ExplainError, ExplainRequest, InputError
from dashboard.jobs.question import Question, joint_name


def asking_of(question: Question) -> dict[str, Any]:
    """A question as JSON; its pictures are kept beside it, by their digests."""
    return {
        "request": question.request.to_dict(),
        "picture": joint_name([chosen.name for chosen in question.all_pictures]),
        "pictures": [chosen.name for chosen in question.all_pictures],
        "model": question.card.name,
        "study": question.study,
        "settle": question.settle,
        "private": question.asker.private,
    }


def names_of(asking: dict[str, Any]) -> tuple[str, ...]:
    """What the pictures of what `asking_of` wrote are called."""
    names = asking.get("pictures")
    return tuple(map(str, names)) if isinstance(names, list) else (str(asking.get("picture", "")),)


def request_of(asking: dict[str, Any]) -> ExplainRequest:
    """The request of what `asking_of` wrote.

    Raises:
        InputError: another version of this program wrote it.
    """
    try:
        return ExplainRequest.from_dict(asking["request"])
    except (ExplainError, KeyError, TypeError, ValueError):
        raise InputError("This was asked by another version of the program, which this one cannot read.") from None
