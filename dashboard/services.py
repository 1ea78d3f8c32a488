"""The process-wide services behind every page, and the one rule of asking: look up, else queue.

Nothing here imports torch: a job's thread does, when there is something to compute.
"""

import re
import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from cache import Change, Run, StoreError, run_id
from core import ExplainError, ExplainRequest, ExplainResult, ModelError, load_picture
from core.checkpoints import ModelCard
from dashboard import state
from dashboard.batch_feeder import Feeders
from dashboard.computing import open_models
from dashboard.jobs import Job, Jobs
from dashboard.models import Catalogue
from dashboard.question import ChosenPicture, Question, study_id
from dashboard.settings import Settings, read_settings
from dashboard.storage import Storage, open_storage
from dashboard.studies import find_study, whole_run
from dashboard.work import compute, keep

_RUN_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, eq=False)
class ShownRun:
    """A run with all that a page needs to show it.

    Attributes:
        result: its numbers.
        chosen: its picture.
        row: its line in the history; None where it could not be kept.
        read_seconds: how long reading the result took; None when it was not read.
        notices: what people should know about it.
    """

    result: ExplainResult
    chosen: ChosenPicture
    row: Run | None = None
    read_seconds: float | None = None
    notices: tuple[str, ...] = ()

    @property
    def request(self) -> ExplainRequest:
        """What was asked."""
        return self.result.request

    @property
    def id(self) -> str:
        """The run's name in addresses."""
        return run_id(self.request)


@dataclass(frozen=True, eq=False)
class LostRun:
    """A run of which the history knows, but whose heat or picture is gone.

    Attributes:
        row: its line in the history.
        chosen: its picture, where that is still there.
    """

    row: Run
    chosen: ChosenPicture | None

    @property
    def request(self) -> ExplainRequest:
        """What was asked."""
        return ExplainRequest.from_dict(self.row.request)


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The server's settings, read once."""
    return read_settings()


@st.cache_resource(show_spinner=False)
def storage() -> Storage:
    """Results, pictures and history."""
    return open_storage(settings())


@st.cache_resource(show_spinner=False)
def catalogue() -> Catalogue:
    """The models that visitors may choose."""
    return Catalogue(settings().choices, settings().device)


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The queue of this process."""
    work = partial(compute, storage=storage(), models=open_models(settings()))
    return Jobs(work, state.is_present)


@st.cache_resource(show_spinner=False)
def feeders() -> Feeders:
    """The batches that this process feeds to its queue."""
    return Feeders(jobs(), storage(), card_of)


def explain(question: Question) -> ShownRun | Job:
    """The stored result of a question or, where it is not complete, the job that computes the rest."""
    job = jobs().view(question.id, state.visitor())
    if job is not None and job.is_active:
        return job
    if job is not None and job.state == "done" and not job.outcome.kept:
        return shown(job)
    started = time.perf_counter()
    result = storage().results.get_all(whole_run(question.request))
    if result is None:
        return jobs().submit(question, state.visitor())
    seconds, notices = time.perf_counter() - started, ()
    try:
        row = storage().runs.get(question.id)
        if row is None:
            # Its layers came with other runs: from now on it has an address of its own.
            notices = keep(question, result, storage(), seconds=0.0).notices
            row = storage().runs.get(question.id)
        elif row.deleted is not None:
            storage().runs.write([question.id], Change(trash=False))  # somebody wants it after all
    except StoreError as error:
        row, notices = None, (str(error),)
    return ShownRun(result, question.chosen, row, seconds, notices)


def open_run(name: str) -> ShownRun | LostRun | None:
    """The run that an address names; None if nobody here ever ran it.

    Raises:
        StoreError: the history cannot be read.
    """
    if not _RUN_ID.fullmatch(name):
        return None
    job = run_job(name)
    if job is not None and job.outcome is not None and not job.outcome.kept:
        return shown(job)
    try:
        return _open_stored(name)
    except _Incomplete as found:
        return found.run


def run_job(name: str, visitor: str | None = None) -> Job | None:
    """The job of the run that an address names; see `Jobs.view`. Studies have no addresses."""
    return jobs().view(name, visitor) if _RUN_ID.fullmatch(name) else None


def findings(run: ShownRun, study: str) -> Any:
    """What a study found about a run, or None while that is not complete."""
    job = jobs().view(study_id(run.id, study))
    if job is not None and job.outcome is not None and not job.outcome.kept:
        return job.outcome.findings
    try:
        return _read_findings(study, run.id, run.result.answer.text, run.result)
    except _Incomplete:
        return None


def begin_study(run: ShownRun, study: str) -> Job:
    """Queues a study, or joins whoever waits for it.

    Raises:
        ModelError: the run's model is not offered any more, or cannot be used.
    """
    return jobs().submit(Question(run.request, run.chosen, card_of(run.request), study, run.result), state.visitor())


def card_of(request: ExplainRequest) -> ModelCard:
    """The model that answered a stored request.

    Raises:
        ModelError: it is not offered any more, or cannot be used.
    """
    choice = catalogue().find(request.model)
    card = None if choice is None else catalogue().describe(choice)
    if card is None:
        raise ModelError("The model of this run is not offered by this server now, so nothing can be added to it.")
    return card


def stored_picture(image: str, name: str) -> ChosenPicture | None:
    """The picture of that digest as it was uploaded; None where it is gone or damaged.

    Args:
        name: as people know it.
    """
    try:
        data = storage().pictures.get(image)
        picture = None if data is None else load_picture(data)
    except ExplainError:
        return None
    # A file that decodes to other pixels is not this picture.
    if data is None or picture is None or picture.digest != image:
        return None
    return ChosenPicture(name, data, picture)


def shown(job: Job) -> ShownRun:
    """The outcome of a finished job, from memory."""
    return ShownRun(job.outcome.result, job.question.chosen, notices=job.outcome.notices)


def _open_stored_uncached(name: str) -> ShownRun:
    row = storage().runs.get(name)
    if row is None:
        raise _Incomplete(None)
    started = time.perf_counter()
    result = storage().results.get_all(whole_run(ExplainRequest.from_dict(row.request)))
    seconds = time.perf_counter() - started
    chosen = stored_picture(row.image, row.picture_name)
    if result is None or chosen is None:
        raise _Incomplete(LostRun(row, chosen))
    return ShownRun(result, chosen, row, seconds)


# A decoded picture can take 300 MB, hence few entries; what raises is not remembered.
_open_stored = st.cache_resource(max_entries=12, ttl=3600, show_spinner=False)(_open_stored_uncached)


def _read_findings_uncached(study: str, run_id: str, answer: str, _run: ExplainResult) -> Any:
    found = find_study(study).read(_run, storage().results)
    if found is None:
        raise _Incomplete(None)
    return found


# Word by word, and layer by layer for each method: hundreds of entries, and a page is drawn often.
_read_findings = st.cache_resource(max_entries=32, ttl=3600, show_spinner=False)(_read_findings_uncached)


class _Incomplete(Exception):  # noqa: N818 - carries what was found past a cache that keeps complete runs only
    def __init__(self, run: LostRun | None) -> None:
        super().__init__()
        self.run = run
