"""One job: as pages see it, and as the queue keeps it. No Streamlit here."""

import threading
import time
from dataclasses import dataclass, field
from typing import Literal

from core import Progress
from core.schema.progress import Stage
from dashboard.jobs.question import Outcome, Question, Step
from dashboard.jobs.scheduling import Ticket
from dashboard.jobs.studies.registry import kind_of

State = Literal["queued", "running", "done", "cancelled", "failed"]


@dataclass(frozen=True, eq=False)
class Job:
    """A job as it stood when it was looked at.

    Attributes:
        question: what is computed.
        state: where it stands; "cancelled" may come with an outcome of fewer samples.
        person: who asked first; "" for nobody in particular.
        ahead: jobs before it on the same device, while it is queued.
        waiters: those who share it and have not cancelled, present or not.
        progress: the latest report.
        stopping: whether it was cancelled and ends at its next report.
        seconds: for how long it has been running, or ran.
        seconds_left: estimate for the noise samples, or for the steps of a study; None before the first ones are done.
        outcome: when it is done.
        problem: when it failed: a sentence for people.
        stage_seconds: for how long it has been at what `progress` says.
        stage_usual: how long that took last time on this server, of a study all of its steps; None where that is not
            known.
    """

    question: Question
    state: State
    person: str
    ahead: int
    waiters: int
    progress: Progress | Step | None
    stopping: bool
    seconds: float
    seconds_left: float | None
    outcome: Outcome | None
    problem: str | None
    stage_seconds: float = 0.0
    stage_usual: float | None = None

    @property
    def id(self) -> str:
        """The run's name in addresses."""
        return self.question.id

    @property
    def is_active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ("queued", "running")


@dataclass(eq=False)
class QueueEntry:
    """A job as the queue keeps it; only whoever holds the queue's lock may look at it or change it.

    Attributes: see `Job`, and
        waiters: page, person or batch -> the person whose it is, or the same again where that is nobody.
        stop: set when nobody wants it any more.
        begun, staged, reported, noted, finished: when, by `time.monotonic`; 0 for not yet. `staged` is when the
            present stage began.
    """

    question: Question
    person: str
    waiters: dict[str, str] = field(default_factory=dict)
    state: State = "queued"
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress | Step | None = None
    begun: float = 0.0
    staged: float = 0.0
    reported: float = 0.0
    noted: float = 0.0
    outcome: Outcome | None = None
    problem: str | None = None
    finished: float = 0.0

    @property
    def device(self) -> str:
        """Where it is computed."""
        return self.question.card.device

    @property
    def ticket(self) -> Ticket:
        """What the queue orders it by."""
        return Ticket(self.question.id, tuple(dict.fromkeys(self.waiters.values())) or (self.person,))

    @property
    def stage(self) -> str | None:
        """What it waits for, as far as it has said so."""
        return None if self.progress is None else self.stage_of(self.progress)

    def stage_of(self, progress: Progress | Step) -> Stage | str:
        """What it waits for by a report: of a run's stages, or what kind of study goes its steps."""
        return progress.stage if isinstance(progress, Progress) else kind_of(self.question.study)

    def snapshot(self, ahead: int, stage_usual: float | None = None) -> Job:
        """As it stands now, with so many jobs before it."""
        return Job(
            question=self.question,
            state=self.state,
            person=self.person,
            ahead=ahead,
            waiters=len(self.waiters),
            progress=self.progress,
            stopping=self.stop.is_set(),
            seconds=(self.finished or time.monotonic()) - self.begun if self.begun else 0.0,
            seconds_left=_seconds_left(self),
            outcome=self.outcome,
            problem=self.problem,
            stage_seconds=time.monotonic() - self.staged if self.staged else 0.0,
            stage_usual=stage_usual,
        )


def _seconds_left(entry: QueueEntry) -> float | None:
    progress = entry.progress
    if entry.state != "running":
        return None
    if isinstance(progress, Step) and progress.done and entry.staged:
        pace = (entry.reported - entry.staged) / progress.done
        return max(0.0, pace * (progress.total - progress.done) - (time.monotonic() - entry.reported))
    if not isinstance(progress, Progress) or not progress.partial:
        return None
    computed = progress.done - progress.begun
    if not computed:
        return None
    pace = progress.partial[0].timings["samples"] / computed
    return max(0.0, pace * (progress.total - progress.done) - (time.monotonic() - entry.reported))
