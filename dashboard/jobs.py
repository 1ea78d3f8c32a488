"""The queue: one job per distinct request, whoever asks, one worker thread per device. No Streamlit here.

A job belongs to nobody: it goes on when the tab that asked for it closes, and everybody who asks the
same thing while it runs shares it. Cancelling therefore means "I no longer want this": the job stops
when the last visitor who is still there has said so. Visitors who closed their page do not count, but
closing a page alone stops nothing.
"""

import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from core import Cancelled, ExplainError, Progress
from dashboard.question import Outcome, Question, Step

logger = logging.getLogger(__name__)

State = Literal["queued", "running", "done", "cancelled", "failed"]
OnProgress = Callable[[Progress | Step], None]
Work = Callable[[Question, OnProgress], Outcome]


@dataclass(frozen=True, eq=False)
class Job:
    """A job as it stood when it was looked at.

    Attributes:
        question: what is computed.
        state: where it stands; "cancelled" may come with an outcome of fewer samples.
        ahead: jobs before it on the same device, while it is queued.
        visitors: people who share it and have not cancelled, present or not.
        progress: the latest report.
        stopping: whether it was cancelled and ends at its next report.
        seconds: for how long it has been running.
        seconds_left: estimate for the noise samples; None before the first ones are done.
        outcome: when it is done.
        problem: when it failed: a sentence for people.
    """

    question: Question
    state: State
    ahead: int
    visitors: int
    progress: Progress | Step | None
    stopping: bool
    seconds: float
    seconds_left: float | None
    outcome: Outcome | None
    problem: str | None

    @property
    def id(self) -> str:
        """The run's name in addresses."""
        return self.question.id

    @property
    def is_active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ("queued", "running")


@dataclass(eq=False)
class _Record:
    question: Question
    state: State = "queued"
    visitors: set[str] = field(default_factory=set)
    stop: threading.Event = field(default_factory=threading.Event)
    progress: Progress | Step | None = None
    begun: float = 0.0
    reported: float = 0.0
    outcome: Outcome | None = None
    problem: str | None = None
    finished: float = 0.0


class Jobs:
    """All jobs of this process. Every method may be called from any thread and returns at once.

    Args:
        work: computes a question; reports progress, and lets what the report raises pass.
        is_present: whether a visitor's page is still open.
        keep: finished jobs that are remembered at most.
        keep_seconds: how long they are remembered at most.
    """

    def __init__(
        self,
        work: Work,
        is_present: Callable[[str], bool] = lambda visitor: True,
        *,
        keep: int = 32,
        keep_seconds: float = 3600,
    ) -> None:
        self._work = work
        self._is_present = is_present
        self._keep = keep
        self._keep_seconds = keep_seconds
        self._lock = threading.Lock()
        self._records: dict[str, _Record] = {}  # in the order of their beginning
        self._queues: dict[str, queue.SimpleQueue[_Record]] = {}

    def submit(self, question: Question, visitor: str, person: str = "") -> Job:
        """Joins the job of this question, or queues a new one."""
        with self._lock:
            self._prune()
            record = self._records.get(question.id)
            if record is None or record.state not in ("queued", "running") or record.stop.is_set():
                # A record that is still stopping goes its way unseen; the new one waits behind it.
                self._records.pop(question.id, None)
                record = self._records[question.id] = _Record(question)
                self._queue_of(question.card.device).put(record)
            record.visitors.add(visitor)
            return self._look(record)

    def view(self, job_id: str, visitor: str | None = None) -> Job | None:
        """The job as it stands, None if it is unknown; with `visitor`, who now shares an active one."""
        with self._lock:
            record = self._records.get(job_id)
            if record is None:
                return None
            job = self._look(record)
            if visitor is not None and job.is_active and not record.stop.is_set():
                record.visitors.add(visitor)
            return job

    def cancel(self, job_id: str, visitor: str, *, force: bool = False) -> bool:
        """This visitor no longer wants the job.

        Args:
            force: whoever else waits for it.

        Returns:
            Whether it stops: False while somebody else who is present still waits for it.
        """
        with self._lock:
            record = self._records.get(job_id)
            if record is None:
                return False
            record.visitors.discard(visitor)
            if not force and any(self._is_present(other) for other in record.visitors):
                return False
            record.stop.set()
            if record.state == "queued":
                self._finish(record, "cancelled")
            return True

    def active(self) -> list[Job]:
        """Jobs that wait or run, first come first."""
        with self._lock:
            return [job for job in map(self._look, self._records.values()) if job.is_active]

    def _queue_of(self, device: str) -> "queue.SimpleQueue[_Record]":
        if device not in self._queues:
            waiting: queue.SimpleQueue[_Record] = queue.SimpleQueue()
            self._queues[device] = waiting
            # Daemon: a server that is told to stop must not wait for an hour's sweep.
            threading.Thread(target=self._serve, args=(waiting,), name=f"jobs-{device}", daemon=True).start()
        return self._queues[device]

    def _serve(self, waiting: "queue.SimpleQueue[_Record]") -> None:
        while True:
            record = waiting.get()
            with self._lock:
                if record.state != "queued":
                    continue
                record.state, record.begun = "running", time.monotonic()
            self._run(record)

    def _run(self, record: _Record) -> None:
        def report(progress: Progress | Step) -> None:
            if record.stop.is_set():
                raise Cancelled("The run was stopped.")
            with self._lock:
                record.progress, record.reported = progress, time.monotonic()

        try:
            outcome = self._work(record.question, report)
        except Cancelled:
            self._close(record, "cancelled")
        except ExplainError as error:
            self._close(record, "failed", problem=str(error))
        except Exception:
            name = secrets.token_hex(4)
            logger.exception("Job %s failed; people were shown the number %s.", record.question.id, name)
            problem = f"Something went wrong inside the program. The server's log says what, under {name}."
            self._close(record, "failed", problem=problem)
        else:
            self._close(record, "cancelled" if outcome.stopped else "done", outcome=outcome)

    def _close(
        self, record: _Record, state: State, *, outcome: Outcome | None = None, problem: str | None = None
    ) -> None:
        with self._lock:
            record.outcome, record.problem = outcome, problem
            self._finish(record, state)
            self._prune()

    def _finish(self, record: _Record, state: State) -> None:
        record.state, record.finished = state, time.monotonic()

    def _prune(self) -> None:
        finished = [(key, record) for key, record in self._records.items() if record.finished]
        finished.sort(key=lambda item: item[1].finished)
        oldest = time.monotonic() - self._keep_seconds
        surplus = len(finished) - self._keep
        for position, (key, record) in enumerate(finished):
            if position < surplus or record.finished < oldest:
                del self._records[key]

    def _look(self, record: _Record) -> Job:
        device = record.question.card.device
        ahead = 0
        for other in self._records.values():
            if other is record:
                break
            ahead += other.question.card.device == device and other.state in ("queued", "running")
        return Job(
            question=record.question,
            state=record.state,
            ahead=ahead if record.state == "queued" else 0,
            visitors=len(record.visitors),
            progress=record.progress,
            stopping=record.stop.is_set(),
            seconds=time.monotonic() - record.begun if record.begun else 0.0,
            seconds_left=_seconds_left(record),
            outcome=record.outcome,
            problem=record.problem,
        )


def _seconds_left(record: _Record) -> float | None:
    progress = record.progress
    if not isinstance(progress, Progress) or not progress.partial or record.state != "running":
        return None
    computed = progress.done - progress.begun
    if not computed:
        return None
    pace = progress.partial[0].timings["samples"] / computed
    return max(0.0, pace * (progress.total - progress.done) - (time.monotonic() - record.reported))
