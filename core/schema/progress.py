"""How far a run has come, told while it goes on."""

from dataclasses import dataclass
from typing import Literal

from core.schema.result import ExplainResult


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Attributes:
        stage: "answer" counts tokens, "samples" counts noise samples.
        done, total: of that stage; an answer may end before its total.
        partial: a result for each request, the means so far; () before the first samples are done.
        begun: how many of the samples done had been there before the run.
    """

    stage: Literal["answer", "samples"]
    done: int
    total: int
    partial: tuple[ExplainResult, ...] = ()
    begun: int = 0
