"""The queue: one job per distinct request, whoever asks, one worker thread per device. No Streamlit here.

A job goes on when the tab that asked for it closes, and everybody who asks the same thing while it runs
shares it. Cancelling therefore means "I no longer want this": the job stops when the last waiter that is
still there has said so. Pages that were closed do not count, but closing a page alone stops
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
from dashboard.jobs.compute_missing import Enough
from dashboard.jobs.job import Job, QueueEntry, State
from dashboard.jobs.question import Outcome, Question, Step, question_to_dict
from dashboard.jobs.scheduling import QueueLimits, in_line
from dashboard.jobs.studies.registry import kind_of
from dashboard.storage.stage_times import StageTimes

logger = logging.getLogger(__name__)

_LIMITS = QueueLimits()

LOOKED_AT = 60.0
"""Seconds after its end until whoever waits for a job has certainly seen what came of it."""

MOST_SERVED = 1000
"""People of whom it is remembered when they were served; where nobody signs in, each page is one."""

NOTE_SECONDS = 2.0
"""How often a running job's progress is written down."""

OnProgress = Callable[[Progress | Step], None]
Compute = Callable[[Question, OnProgress], Outcome]


class JobQueue:
    """All jobs of this process. Every method may be called from any thread and returns at once.

    Args:
        compute: computes a question; reports progress, and lets what the report raises pass.
        is_present: whether a waiter is still there.
        limits: how many jobs may wait or run.
        log: where unfinished jobs are written down; without it, a restart forgets them.
        times: what its stages took, noted and looked up; without it, a restart forgets them.
        on_change: hears of a job after every change of its state.
        keep: finished jobs that are remembered at most.
        keep_seconds: how long they are remembered at most.
    """

    def __init__(
        self,
        compute: Compute,
        is_present: Callable[[str], bool] = lambda waiter: True,
        *,
        limits: QueueLimits = _LIMITS,
        log: JobLog | None = None,
        times: StageTimes | None = None,
        on_change: Callable[[Job], None] = lambda job: None,
        keep: int = 32,
        keep_seconds: float = 3600,
    ) -> None:
        self._compute = compute
        self._is_present = is_present
        self._limits = limits
        self._log = log
        self._times = times or StageTimes()
        self._on_change = on_change
        self._keep = keep
        self._keep_seconds = keep_seconds
        self._changed = threading.Condition()
        self._entries: dict[str, QueueEntry] = {}  # in the order of their beginning
        self._served: dict[str, int] = {}
        self._devices: set[str] = set()

    def submit(self, question: Question, waiter: str, person: str = "") -> Job:
        """Joins the job of this question, or queues a new one.

        Args:
            waiter: the page, person or batch that asks.
            person: whose turn it takes; "" where pages, not people, are told apart.

        Raises:
            QueueFull: this person, or everybody together, has as many jobs as are allowed.
        """
        with self._changed:
            self._prune()
            entry = self._entries.get(question.id)
            is_new = entry is None or entry.finished > 0 or entry.stop.is_set()
            if is_new:
                others = [other.ticket for other in self._entries.values() if not other.finished]
                self._limits.check(person or waiter, others)
                # One that is still stopping goes its way unseen; the new one waits behind it.
                self._entries.pop(question.id, None)
                entry = self._entries[question.id] = QueueEntry(question, person)
                self._note(question.id, lambda log: log.begin(question.id, person, question_to_dict(question)))
                self._serve_device(entry.device)
            elif not question.settle:
                entry.question = replace(entry.question, settle=False)
            entry.waiters[waiter] = person or waiter
            self._changed.notify_all()
            job = self._snapshot(entry)
        if is_new:
            self._on_change(job)
        return job

    def get(self, job_id: str, waiter: str | None = None, person: str = "") -> Job | None:
        """The job as it stands, None if it is unknown; with `waiter`, which now shares an active one."""
        with self._changed:
            entry = self._entries.get(job_id)
            if entry is None:
                return None
            job = self._snapshot(entry)
            if waiter is not None and job.is_active and not entry.stop.is_set():
                entry.waiters.setdefault(waiter, person or waiter)
            return job

    def cancel(self, job_id: str, waiter: str, *, force: bool = False) -> bool:
        """One who waits for the job no longer wants it.

        Args:
            force: whoever else waits for it.

        Returns:
            Whether it stops: False while somebody else who is present still waits for it.
        """
        with self._changed:
            entry = self._entries.get(job_id)
            if entry is None:
                return False
            entry.waiters.pop(waiter, None)
            if not force and any(self._is_present(other) for other in entry.waiters):
                return False
            entry.stop.set()
            ended = entry.state == "queued"
            if ended:
                self._finish(entry, "cancelled")
            job = self._snapshot(entry)
        if ended:
            self._on_change(job)
        return True

    def active(self) -> list[Job]:
        """Jobs that wait or run, first come first."""
        with self._changed:
            ahead = {device: self._ahead(device) for device in self._devices}
            unfinished = [entry for entry in self._entries.values() if not entry.finished]
            return [self._snapshot(entry, ahead[entry.device]) for entry in unfinished]

    def forget_stored(self) -> None:
        """Lets go of jobs that are done, and of all that they hold: what came of them is read from the store anyway."""
        with self._changed:
            before = time.monotonic() - LOOKED_AT
            for key, entry in list(self._entries.items()):
                outcome = entry.outcome
                as_asked = outcome is not None and outcome.kept and not outcome.notices and outcome.id == key
                if entry.state == "done" and entry.finished < before and as_asked:
                    del self._entries[key]

    def usual_seconds(self, model: str, study: str) -> float | None:
        """How long a study like the one of that name took last time with that model; None where that is not known."""
        return self._times.usual(model, kind_of(study))

    def watchers(self) -> int:
        """How many wait for jobs that are not over, each as often as they wait for one."""
        with self._changed:
            return sum(len(entry.waiters) for entry in self._entries.values() if not entry.finished)

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
                entry = self._entries[waiting[0]]
                turn = max(self._served.values(), default=-1) + 1
                for person in entry.ticket.people:
                    self._served.pop(person, None)
                    self._served[person] = turn
                for person in list(self._served)[:-MOST_SERVED]:
                    del self._served[person]
                entry.state, entry.begun = "running", time.monotonic()
                entry.staged = entry.begun
                self._note(entry.question.id, lambda log, name=entry.question.id: log.note(name, "running"))
                job = self._snapshot(entry)
            self._on_change(job)
            self._run(entry)

    def _line(self, device: str) -> list[str]:
        """The names of the jobs that wait for a device, the next one first."""
        waiting = [each.ticket for each in self._entries.values() if each.state == "queued" and each.device == device]
        return in_line(waiting, self._served)

    def _run(self, entry: QueueEntry) -> None:
        with logs.job(entry.question.id):
            try:
                outcome = self._compute(entry.question, lambda progress: self._report(entry, progress))
            except Cancelled:
                self._close(entry, "cancelled")
            except ExplainError as error:
                self._close(entry, "failed", problem=str(error))
            except Exception:
                name = secrets.token_hex(4)
                logger.exception("The job failed; people were shown the number %s.", name)
                problem = f"Something went wrong inside the program. The server's log says what, under {name}."
                self._close(entry, "failed", problem=problem)
            else:
                self._close(entry, "cancelled" if outcome.stopped else "done", outcome=outcome)

    def _report(self, entry: QueueEntry, progress: Progress | Step) -> None:
        if entry.stop.is_set():
            raise Cancelled("The run was stopped.")
        now = time.monotonic()
        with self._changed:
            # While a chunk goes on the same is told again and again, to hear whether to stop.
            is_news = progress is not entry.progress
            ended = self._next_stage(entry, progress, now)
            if is_news:
                entry.progress, entry.reported = progress, now
            # One that is stopping has lost its name to whoever asked anew.
            if now - entry.noted > NOTE_SECONDS and self._entries.get(entry.question.id) is entry:
                entry.noted = now
                done, total = progress.done, progress.total
                self._note(entry.question.id, lambda log: log.note(entry.question.id, "running", done, total))
        if ended is not None:
            self._times.note(entry.question.card.name, *ended)
        if is_news and entry.question.settle and isinstance(progress, Progress) and is_settled(progress.partial):
            raise Enough("More samples would not change the maps.")

    def _next_stage(self, entry: QueueEntry, progress: Progress | Step, now: float) -> tuple[str, float] | None:
        """The stage that ends with this report, and its seconds; None where none does."""
        before, seconds = entry.stage, now - entry.staged
        if entry.stage_of(progress) == before:
            return None
        entry.staged = now
        return None if before is None else (before, seconds)

    def _close(
        self, entry: QueueEntry, state: State, *, outcome: Outcome | None = None, problem: str | None = None
    ) -> None:
        with self._changed:
            entry.outcome, entry.problem = outcome, problem
            studied = state == "done" and isinstance(entry.progress, Step)
            taken = (entry.stage, time.monotonic() - entry.staged) if studied else None
            self._finish(entry, state)
            job = self._snapshot(entry)
            entry.progress = None  # the job is remembered for an hour; the maps on its way are not needed any more
            self._prune()
        if taken is not None:
            self._times.note(entry.question.card.name, *taken)
        self._on_change(job)

    def _finish(self, entry: QueueEntry, state: State) -> None:
        entry.state, entry.finished = state, time.monotonic()
        name, problem = entry.question.id, entry.problem or ""
        if self._entries.get(name) is entry:
            self._note(name, lambda log: log.note(name, state, problem=problem))

    def _note(self, job_id: str, write: Callable[[JobLog], None]) -> None:
        """Writes to the log of jobs; a failure costs no more than what a restart would show."""
        if self._log is not None:
            try:
                write(self._log)
            except StoreError as error:
                logger.error("A job could not be written down: %s", error, extra={"job": job_id})

    def _prune(self) -> None:
        finished = [(key, entry) for key, entry in self._entries.items() if entry.finished]
        finished.sort(key=lambda item: item[1].finished)
        oldest = time.monotonic() - self._keep_seconds
        surplus = len(finished) - self._keep
        for position, (key, entry) in enumerate(finished):
            if position < surplus or entry.finished < oldest:
                del self._entries[key]

    def _snapshot(self, entry: QueueEntry, ahead: dict[str, int] | None = None) -> Job:
        if entry.state != "queued":
            stage = entry.stage
            return entry.snapshot(0, stage and self._times.usual(entry.question.card.name, stage))
        return entry.snapshot((ahead or self._ahead(entry.device))[entry.question.id])

    def _ahead(self, device: str) -> dict[str, int]:
        """Name of each job that waits for a device -> jobs before it there."""
        running = sum(other.state == "running" and other.device == device for other in self._entries.values())
        return {name: running + number for number, name in enumerate(self._line(device))}
