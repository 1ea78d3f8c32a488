"""How far a run has come, told while it goes on."""

from dataclasses import dataclass
from typing import Literal

from core.schema.one_line import one_line
from core.schema.result import ExplainResult

Stage = Literal["fetch", "start", "load", "answer", "samples"]
"""What a run waits for, in the order in which it comes: the model's files, what computes, the model there, the answer,
noise samples."""


@dataclass(frozen=True)
class Progress:
    """How far a run has come.

    Attributes:
        stage: "answer" counts tokens, "samples" counts noise samples. "fetch" counts bytes of a model of the hub, and
            is told to whoever loads or describes it. "start" and "load" are told by a server alone, and come before
            any token.
        done, total: of that stage; an answer may end before its total.
        partial: a result for each request, the means so far; () before the first samples are done.
        begun: how many of the samples done had been there before the run.
    """

    stage: Stage
    done: int
    total: int
    partial: tuple[ExplainResult, ...] = ()
    begun: int = 0

    def __repr__(self) -> str:
        return one_line(self, f"{self.stage}, {self.done:,} of {self.total:,}")
