"""Rows one after the other, in this process: what is stored is left alone, what goes wrong is said."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cache import Asker, RunRecord, run_id
from cache.batches.batch import request_of
from core import Brightness, Cancelled, ExplainError, ExplainRequest, ImageError, ModelError, Progress
from core.errors import WorkersLost
from core.inputs.brightness import AUTO
from core.models.checkpoints import ModelCard
from core.schema.run_requests import whole_run
from dashboard.batch.plan import PlannedRow
from dashboard.batch.summary import Ending
from dashboard.jobs.backends import Backend
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question, Step
from dashboard.jobs.runner import compute
from dashboard.jobs.videos import ChosenVideo
from dashboard.storage.data_folder import Storage

logger = logging.getLogger(__name__)

STORED, COMPUTED, FAILED, STOPPED, WAITING = "stored already", "computed", "failed", "stopped", "not yet computed"


class BatchEnded(ExplainError):
    """Something is wrong that is wrong for every further row, too."""


@dataclass(frozen=True, eq=False)
class BatchTools:
    """What a batch is computed with.

    Attributes:
        template: how its rows are asked.
        asker: whose the runs are.
        brightness: how the values of pictures become black to white, where that can be chosen.
        on_progress: hears of every token and sample; `Cancelled` raised from it stops the batch.
    """

    template: ExplainRequest
    card: ModelCard
    storage: Storage
    backend: Backend
    on_progress: Callable[[Progress | Step], None]
    asker: Asker = Asker()
    brightness: Brightness = AUTO

    def request(self, row: PlannedRow) -> ExplainRequest | None:
        """What a row asks; None where that is its problem."""
        return None if row.problem else request_of(self.template, row.image, row.prompt, row.phrase, row.frames)

    def is_stored(self, row: PlannedRow) -> bool:
        """Whether the row has its run already, heat and record in the history."""
        request = self.request(row)
        if request is None or self.storage.results.get_all(whole_run(request), counted=False) is None:
            return False
        record = self.record(run_id(request))
        return record is not None and record.deleted is None

    def record(self, name: str) -> RunRecord | None:
        """A run's record in the history, as the asker sees it."""
        return self.storage.runs.get(name, self.asker.private_to)


def picture_of(row: PlannedRow, brightness: Brightness) -> ChosenPicture:
    """The picture or video of a row, whose file lies in a folder; it is read when it is needed."""
    if row.frames:
        again = "The video has changed since the batch began. Run the batch again."
        # A film's file may be larger than memory: by its path it is read bit by bit.
        return ChosenVideo(row.name, lambda: row.path, row.image, sampling=row.sampling, otherwise=again)

    def read() -> bytes:
        try:
            return row.path.read_bytes()
        except OSError as error:
            raise ImageError(f"The picture cannot be read any more: {error.strerror or error}.") from None

    changed = "The picture has changed since the batch began. Run the batch again."
    return ChosenPicture(row.name, read, row.image, brightness=brightness, page=row.page, otherwise=changed)


def run_rows(rows: list[PlannedRow], tools: BatchTools) -> Iterator[Ending]:
    """Computes what is missing; yields each row's ending, in their order.

    Raises:
        Cancelled: the batch was stopped; the row that was under way has been yielded.
        BatchEnded: no further row can be computed or kept; the one that showed it has been yielded.
    """
    for row in rows:
        if row.problem:
            yield Ending(row.to_row(), FAILED, row.problem)
        elif tools.is_stored(row):
            record = tools.record(run_id(tools.request(row)))
            yield Ending(row.to_row(), STORED, run_id=record.run_id, seconds=record.duration)
        else:
            ending, end = _run_row(row, tools)
            yield ending
            if end is not None:
                raise end


def _run_row(row: PlannedRow, tools: BatchTools) -> tuple[Ending, ExplainError | None]:
    """The row's ending, and what ends the batch with it, if anything."""
    started = time.perf_counter()

    def ending(state: str, problem: str = "", run: str = "") -> Ending:
        return Ending(row.to_row(), state, problem, run, time.perf_counter() - started)

    try:
        question = _question(row, tools)
        outcome = compute(question, tools.on_progress, storage=tools.storage, backend=tools.backend)
    except Cancelled as stop:
        return ending(STOPPED), stop
    except (ModelError, WorkersLost) as error:
        return ending(FAILED, str(error)), BatchEnded(str(error))
    except ExplainError as error:
        return ending(FAILED, str(error)), None
    except Exception:
        logger.exception("The row %d failed.", row.number)
        return ending(FAILED, "Something went wrong inside the program; the lines above say what."), None
    if outcome.stopped:
        done, asked = outcome.result.num_samples, question.request.num_samples
        return ending(f"{STOPPED} after {done} of {asked} samples", run=outcome.id), Cancelled("The batch was stopped.")
    if not outcome.kept:
        return ending(FAILED, " ".join(outcome.notices)), BatchEnded("Nothing can be kept, so the batch ends here.")
    record = tools.record(outcome.id)  # its seconds are those of the run, without loading the model
    return Ending(row.to_row(), COMPUTED, run_id=record.run_id, seconds=record.duration), None


def _question(row: PlannedRow, tools: BatchTools) -> Question:
    chosen = picture_of(row, tools.brightness).checked()
    request = tools.request(row)
    # What everybody sees already does not become private.
    asker = tools.storage.runs.askers.settle(run_id(request), tools.asker, tools.asker.private_to)
    return Question(request, chosen, tools.card, asker=asker)
