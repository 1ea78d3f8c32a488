"""Keeps a few rows of each batch in the queue until all have been computed, whoever is looking. No Streamlit here.

A batch of hundreds would fill the queue for everybody, and a page that fed it would have to stay open.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cache import Asker, RunRecord, StoreError, run_id
from cache.batches.batch import Batch
from cache.batches.failures import failures, note_failure
from cache.results.sizes import stored_extents
from core import ExplainError, ExplainRequest
from core.models.checkpoints import ModelCard
from core.schema.run_requests import whole_run
from dashboard.jobs.question import Question
from dashboard.jobs.queue import JobQueue
from dashboard.jobs.stored_videos import stored_source
from dashboard.storage.data_folder import Storage

logger = logging.getLogger(__name__)

BATCH_PREFIX = "batch-"
"""How the names of waiters begin that are batches: `state.is_present` takes them to be there always."""
WINDOW = 4
"""Rows of a batch that wait or run at once: enough that the workers never wait for the next one."""
_PAUSE = 0.2
_REMEMBERED = 20

RowStatus = Literal["missing", "queued", "running", "done", "failed", "stopped"]


@dataclass(frozen=True)
class RowState:
    """How far a row is.

    Attributes:
        answer: what the model said, where it is done.
        problem: why it failed, a sentence.
        seconds: what its computation took.
        fresh: whether it was computed for this batch since the server started.
    """

    state: RowStatus = "missing"
    answer: str = ""
    problem: str = ""
    seconds: float | None = None
    fresh: bool = False


def stored_states(batch: Batch, storage: Storage) -> list[RowState]:
    """Which rows have their run, heat included, and why others failed the last time; the rest is missing.

    Raises:
        StoreError: the store cannot be read.
    """
    extents = stored_extents(storage.results.folder, [whole_run(request) for request in batch.requests])
    stored = [name for name, extent in zip(batch.run_ids, extents, strict=True) if extent is not None]
    records: dict[str, RunRecord | None] = {
        name: storage.runs.get(name, batch.private_to) for name in dict.fromkeys(stored)
    }
    failed, states = failures(storage.batches.folder, batch.id), []
    for row, name in zip(batch.rows, batch.run_ids, strict=True):
        record = records.get(name)
        if record is not None and record.deleted is None:
            states.append(RowState("done", record.answer, seconds=record.duration))
        elif row.number in failed:
            states.append(RowState("failed", problem=failed[row.number]))
        else:
            states.append(RowState())
    return states


class Feeder:
    """A batch on its way through the queue. Every method may be called from any thread.

    Args:
        card: the model that the batch names.
        person: who asks, and whose turn its rows take in the queue; those of a private batch are its owner's.
    """

    def __init__(self, batch: Batch, card: ModelCard, jobs: JobQueue, storage: Storage, person: str = "") -> None:
        self.batch = batch
        self._card = card
        self._jobs = jobs
        self._storage = storage
        self._asker = Asker(batch.who if batch.private else person, batch.private)
        self._lock = threading.Lock()
        # What failed before is tried again.
        self._rows = [each if each.state == "done" else RowState() for each in stored_states(batch, storage)]
        self._stop = threading.Event()
        self._ended = False
        self.problem = ""
        self._thread = threading.Thread(target=self._serve, name=f"feed-{batch.id}", daemon=True)

    @property
    def waiter(self) -> str:
        """Its name among the waiters of jobs."""
        return BATCH_PREFIX + self.batch.id

    @property
    def active(self) -> bool:
        """Whether rows are still to come to an end."""
        return not self._ended

    def start(self) -> None:
        """Begins to feed."""
        self._thread.start()

    def stop(self) -> None:
        """No further row is queued, and those that are queued or run for this batch alone are cancelled."""
        self._stop.set()

    def look(self) -> list[RowState]:
        """How far each row is."""
        with self._lock:
            return list(self._rows)

    def _serve(self) -> None:
        try:
            self._feed()
        except Exception:
            logger.exception("The batch %s ended.", self.batch.id)
            self.problem = "Something went wrong inside the program; the server's log says what."
        finally:
            self._ended = True

    def _feed(self) -> None:
        waiting = [number for number, row in enumerate(self.look()) if row.state == "missing"]
        queued: list[int] = []
        while (waiting and not self._stop.is_set()) or queued:
            if self._stop.is_set():
                for number in queued:
                    self._jobs.cancel(self.batch.run_ids[number], self.waiter)
                waiting = []
            while waiting and len(queued) < WINDOW and not self._stop.is_set():
                if not self._submit(waiting[0]):
                    break
                queued.append(waiting.pop(0))
            queued = [number for number in queued if not self._follow(number)]
            time.sleep(_PAUSE)

    def _submit(self, number: int) -> bool:
        """Queues a row; False where the queue has no room for it now."""
        row, request = self.batch.rows[number], self.batch.requests[number]
        asker = self._write_down(request)
        if asker is None:
            return False
        chosen = stored_source(row.name, row.image, request, self._storage)
        try:
            self._jobs.submit(Question(request, chosen, self._card, asker=asker), self.waiter, self._asker.name)
        except ExplainError:
            return False
        self._set(number, RowState("queued"))
        return True

    def _write_down(self, request: ExplainRequest) -> Asker | None:
        """Notes in the history who waits for a run: somebody else's job may bring it. None where the batch ends."""
        try:
            return self._storage.runs.askers.ask(run_id(request), self._asker, self.batch.private_to)
        except StoreError as error:
            if not self._asker.private:
                return self._asker
            self.problem = str(error)
            self._stop.set()
            return None

    def _follow(self, number: int) -> bool:
        """Looks at a queued row; True once it has ended."""
        job = self._jobs.get(self.batch.run_ids[number])
        if job is None:  # it ended long ago, and is forgotten
            self._set(number, self._stored_state(number))
        elif job.is_active:
            # Cancelled rows go on only if somebody else wants them.
            if self._stop.is_set() and not job.stopping:
                self._set(number, RowState("stopped"))
                return True
            self._set(number, RowState("queued" if job.state == "queued" else "running"))
            return False
        elif job.problem:
            self._fail(number, job.problem)
        elif job.state == "cancelled":
            self._set(number, RowState("stopped"))
        elif not job.outcome.kept:
            self._fail(number, " ".join(job.outcome.notices))
            self.problem = "Results cannot be kept, so the batch was ended. Go on when there is room again."
            self._stop.set()
        else:
            answer = job.outcome.result.answer.text
            self._set(number, RowState("done", answer, seconds=self._stored_state(number).seconds, fresh=True))
        return True

    def _stored_state(self, number: int) -> RowState:
        """A row that has ended, as the history has it."""
        try:
            record = self._storage.runs.get(self.batch.run_ids[number], self.batch.private_to)
        except StoreError as error:
            return RowState("failed", problem=str(error))
        if record is None:
            return RowState("stopped")
        return RowState("done", record.answer, seconds=record.duration, fresh=True)

    def _fail(self, number: int, problem: str) -> None:
        self._set(number, RowState("failed", problem=problem))
        try:
            note_failure(self._storage.batches.folder, self.batch.id, self.batch.rows[number].number, problem)
        except StoreError as error:
            logger.error("Why a row failed could not be written down: %s", error)

    def _set(self, number: int, state: RowState) -> None:
        with self._lock:
            self._rows[number] = state


class Feeders:
    """The batches that are, or lately were, on their way."""

    def __init__(self, jobs: JobQueue, storage: Storage, find_card: Callable[[ExplainRequest], ModelCard]) -> None:
        self._jobs = jobs
        self._storage = storage
        self._find_card = find_card
        self._lock = threading.Lock()
        self._feeders: dict[str, Feeder] = {}

    def start(self, batch: Batch, person: str = "") -> Feeder:
        """Feeds the rows that have no run yet; joins whoever does so already.

        Raises:
            ExplainError: the model is not offered, or the store cannot be read.
        """
        card = self._find_card(batch.template)
        with self._lock:
            feeder = self._feeders.get(batch.id)
            if feeder is None or not feeder.active:
                feeder = Feeder(batch, card, self._jobs, self._storage, person)
                self._feeders.pop(batch.id, None)
                self._feeders[batch.id] = feeder
                feeder.start()
            ended = [name for name, each in self._feeders.items() if not each.active]
            for name in ended[:-_REMEMBERED]:
                del self._feeders[name]
            return feeder

    def get(self, name: str) -> Feeder | None:
        """The batch as it is on its way; None if it is not, and has not lately been."""
        with self._lock:
            return self._feeders.get(name)
