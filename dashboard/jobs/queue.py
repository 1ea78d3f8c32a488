"""The queue: one job per distinct request, whoever asks, one worker thread per device. No Streamlit here.

A job goes on when the tab that asked for it closes, and everybody who asks the same thing while it runs
shares it. Cancelling therefore means "I no longer want this": the job stops when the last visitor who is
still there has said so. Visitors who closed their page do not count, but closing a page alone stops
nothing. Whose job is next is decided in `dashboard.jobs.scheduling`; what is not finished stands in a
`cache.JobLog`, so that a server that is killed does not forget what it was asked.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from cache import JobLog, StoreError
from core import Cancelled, ExplainError, Progress
from core.engine.early_stopping import is_settled
from dashboard import logs
from dashboard.jobs.job import Job, Record, State
from dashboard.jobs.missing import Enough
from dashboard.jobs.question import Outcome, Question, Step, asking_of
from dashboard.jobs.scheduling import QueueLimits, in_line

logger = logging.getLogger(__name__)

_LIMITS = QueueLimits()

MOST_SERVED = 1000
"""People of whom it is remembered when they were served; where nobody signs in, each page is one."""

NOTE_SECONDS = 2.0
"""How often a running job's progress is written down."""

OnProgress = Callable[[Progress | Step], None]
Work = Callable[[Question, OnProgress], Outcome]


class JobQueue:
    """All jobs of this process. Every method may be called from any thread and returns at once.

    Args:
        work: computes a question; reports progress, and lets what the report raises pass.
        is_present: whether a visitor's page is still open.
        limits: how many jobs may wait or run.
        log: where unfinished jobs are written down; without it, a restart forgets them.
        on_change: hears of a job after every change of its state.
        keep: finished jobs that are remembered at most.
        keep_seconds: how long they are remembered at most.
    """

    def __init__(
        self,
        work: Work,
        is_present: Callable[[str], bool] = lambda visitor: True,
        *,
        limits: QueueLimits = _LIMITS,
        log: JobLog | None = None,
        on_change: Callable[[Job], None] = lambda job: None,
        keep: int = 32,
        keep_seconds: float = 3600,
    ) -> None:
        self._work = work
        self._is_present = is_present
        self._limits = limits
        self._log = log
        self._on_change = on_change
        self._keep = keep
        self._keep_seconds = keep_seconds
        self._changed = threading.Condition()
        self._records: dict[str, Record] = {}  # in the order of their beginning
        self._served: dict[str, int] = {}
        self._devices: set[str] = set()

    def submit(self, question: Question, visitor: str, person: str = "") -> Job:
        """Joins the job of this question, or queues a new one.

        Args:
            visitor: the page that asks.
            person: whose turn it takes; "" where pages, not people, are told apart.

        Raises:
            QueueFull: this person, or everybody together, has as many jobs as are allowed.
        """
        with self._changed:
            self._prune()
            record = self._records.get(question.id)
            is_new = record is None or record.finished > 0 or record.stop.is_set()
            if is_new:
                others = [other.ticket for other in self._records.values() if not other.finished]
                self._limits.check(person or visitor, others)
                # A record that is still stopping goes its way unseen; the new one waits behind it.
                self._records.pop(question.id, None)
                record = self._records[question.id] = Record(question, person)
                self._note(question.id, lambda log: log.begin(question.id, person, asking_of(question)))
                self._serve_device(record.device)
            elif not question.settle:
                record.question = replace(record.question, settle=False)
            record.visitors[visitor] = person or visitor
            self._changed.notify_all()
            job = self._look(record)
        if is_new:
            self._on_change(job)
        return job

    def view(self, job_id: str, visitor: str | None = None, person: str = "") -> Job | None:
        """The job as it stands, None if it is unknown; with `visitor`, who now shares an active one."""
        with self._changed:
            record = self._records.get(job_id)
            if record is None:
                return None
            job = self._look(record)
            if visitor is not None and job.is_active and not record.stop.is_set():
                record.visitors.setdefault(visitor, person or visitor)
            return job

    def cancel(self, job_id: str, visitor: str, *, force: bool = False) -> bool:
        """This visitor no longer wants the job.

        Args:
            force: whoever else waits for it.

        Returns:
            Whether it stops: False while somebody else who is present still waits for it.
        """
        with self._changed:
            record = self._records.get(job_id)
            if record is None:
                return False
            record.visitors.pop(visitor, None)
            if not force and any(self._is_present(other) for other in record.visitors):
                return False
            record.stop.set()
            ended = record.state == "queued"
            if ended:
                self._finish(record, "cancelled")
            job = self._look(record)
        if ended:
            self._on_change(job)
        return True

    def active(self) -> list[Job]:
        """Jobs that wait or run, first come first."""
        with self._changed:
            places = {device: self._places(device) for device in self._devices}
            unfinished = [record for record in self._records.values() if not record.finished]
            return [self._look(record, places[record.device]) for record in unfinished]

    def _serve_device(self, device: str) -> None:
        if device not in self._devices:
            self._devices.add(device)
            # Daemon: a server that is told to stop must not wait for an hour's sweep.
            threading.Thread(target=self._serve, args=(device,), name=f"jobs-{device}", daemon=True).start()

    def _serve(self, device: str) -> None:
        while True:
            with self._changed:
                while not (waiting := self._line(device)):
                    self._changed.wait()
                record = self._records[waiting[0]]
                turn = max(self._served.values(), default=-1) + 1
                for person in record.ticket.people:
                    self._served.pop(person, None)
                    self._served[person] = turn
                for person in list(self._served)[:-MOST_SERVED]:
                    del self._served[person]
                record.state, record.begun = "running", time.monotonic()
                self._note(record.question.id, lambda log, name=record.question.id: log.note(name, "running"))
                job = self._look(record)
            self._on_change(job)
            self._run(record)

    def _line(self, device: str) -> list[str]:
        """The names of the jobs that wait for a device, the next one first."""
        waiting = [each.ticket for each in self._records.values() if each.state == "queued" and each.device == device]
        return in_line(waiting, self._served)

    def _run(self, record: Record) -> None:
        with logs.job(record.question.id):
            try:
                outcome = self._work(record.question, lambda progress: self._report(record, progress))
            except Cancelled:
                self._close(record, "cancelled")
            except ExplainError as error:
                self._close(record, "failed", problem=str(error))
            except Exception:
                name = secrets.token_hex(4)
                logger.exception("The job failed; people were shown the number %s.", name)
                problem = f"Something went wrong inside the program. The server's log says what, under {name}."
                self._close(record, "failed", problem=problem)
            else:
                self._close(record, "cancelled" if outcome.stopped else "done", outcome=outcome)

    def _report(self, record: Record, progress: Progress | Step) -> None:
        if record.stop.is_set():
            raise Cancelled("The run was stopped.")
        now = time.monotonic()
        with self._changed:
            # While a chunk goes on the same is told again and again, to hear whether to stop.
            is_news = progress is not record.progress
            if is_news:
                record.progress, record.reported = progress, now
            # One that is stopping has lost its name to whoever asked anew.
            if now - record.noted > NOTE_SECONDS and self._records.get(record.question.id) is record:
                record.noted = now
                done, total = progress.done, progress.total
                self._note(record.question.id, lambda log: log.note(record.question.id, "running", done, total))
        if is_news and record.question.settle and isinstance(progress, Progress) and is_settled(progress.partial):
            raise Enough("More samples would not change the maps.")

    def _close(
        self, record: Record, state: State, *, outcome: Outcome | None = None, problem: str | None = None
    ) -> None:
        with self._changed:
            record.outcome, record.problem = outcome, problem
            self._finish(record, state)
            job = self._look(record)
            self._prune()
        self._on_change(job)

    def _finish(self, record: Record, state: State) -> None:
        record.state, record.finished = state, time.monotonic()
        name, problem = record.question.id, record.problem or ""
        if self._records.get(name) is record:
            self._note(name, lambda log: log.note(name, state, problem=problem))

    def _note(self, job_id: str, write: Callable[[JobLog], None]) -> None:
        """Writes to the log of jobs; a failure costs no more than what a restart would show."""
        if self._log is not None:
            try:
                write(self._log)
            except StoreError as error:
                logger.error("A job could not be written down: %s", error, extra={"job": job_id})

    def _prune(self) -> None:
        finished = [(key, record) for key, record in self._records.items() if record.finished]
        finished.sort(key=lambda item: item[1].finished)
        oldest = time.monotonic() - self._keep_seconds
        surplus = len(finished) - self._keep
        for position, (key, record) in enumerate(finished):
            if position < surplus or record.finished < oldest:
                del self._records[key]

    def _look(self, record: Record, places: dict[str, int] | None = None) -> Job:
        if record.state != "queued":
            return record.look(0)
        return record.look((places or self._places(record.device))[record.question.id])

    def _places(self, device: str) -> dict[str, int]:
        """Name of each job that waits for a device -> jobs before it there."""
        running = sum(other.state == "running" and other.device == device for other in self._records.values())
        return {name: running + place for place, name in enumerate(self._line(device))}
