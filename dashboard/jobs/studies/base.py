"""What a question about a finished run consists of, and what answering it needs. No Streamlit here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cache import ResultStore
from core import ExplainResult, Picture, Progress
from dashboard.jobs.question import Step


@dataclass(frozen=True, eq=False)
class StudyTools:
    """What a study works with.

    Attributes:
        run: the finished run.
        pictures: all of its prompt.
        results: where stored results are read; `Study.save` writes.
        explainer: loads the run's model; called only where something is missing.
        on_progress: hears how far it is; `Cancelled` raised from it stops the study.
    """

    run: ExplainResult
    pictures: tuple[Picture, ...]
    results: ResultStore
    explainer: Callable[[], Any]
    on_progress: Callable[[Progress | Step], None]


@dataclass(frozen=True)
class Study:
    """A kind of question about a finished run.

    Attributes:
        verb: the words of the button that begins it.
        doing: the words of its progress bar.
        cost: what it takes, for people.
        read: (run, store) -> the findings, or None while anything is missing.
        compute: -> the findings, what is stored already included.
        save: (findings, run, store) stores them; raises `StoreError`.
        tells_steps: whether it tells of its steps, so that what it takes is known of the next one.
    """

    verb: str
    doing: str
    cost: str
    read: Callable[[ExplainResult, ResultStore], Any]
    compute: Callable[[StudyTools], Any]
    save: Callable[[Any, ExplainResult, ResultStore], None]
    tells_steps: bool = False
