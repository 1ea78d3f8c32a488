"""What there is once in this process, whoever looks at a page: storage, what computes, the queue, the audit log.

Nothing here imports torch: a job's thread does, when there is something to compute.
"""

import logging
import threading
from functools import partial
from weakref import WeakSet

import streamlit as st

from cache.runs.migrations import waits_for_migration
from core import ExplainError, ExplainRequest, ModelError
from core.models.checkpoints import ModelCard
from dashboard.batch.feeder import Feeders
from dashboard.jobs.backends import Backend, open_backend
from dashboard.jobs.model_catalogue import Catalogue
from dashboard.jobs.queue import JobQueue
from dashboard.jobs.runner import compute
from dashboard.jobs.scheduling import QueueLimits
from dashboard.jobs.telemetry import observe
from dashboard.session import state
from dashboard.settings import Settings, read_settings
from dashboard.storage.access_tokens import AccessTokens
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.data_folder import Storage, audit_folder, history_file, open_storage, tokens_file
from dashboard.storage.stage_times import StageTimes

logger = logging.getLogger(__name__)

PERSON_PREFIX = "person:"
"""How the names of waiters begin that are people, and not pages."""

PROGRAM_PREFIX = "program:"
"""How those begin that are programs of nobody who is signed in: the name of their access token follows."""

_queues: WeakSet[JobQueue] = WeakSet()


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings of this process."""
    return read_settings()


@st.cache_resource(show_spinner=False)
def storage() -> Storage:
    """Results, pictures and history."""
    return open_storage(settings())


def migrating() -> int:
    """How many runs a history has that is being brought up to this version, which takes a while; 0 where it is ready.

    Whoever asks first begins it, in a thread of its own: a page says so instead of waiting.
    """
    runs = waits_for_migration(history_file(settings().data_folder))
    if runs:
        _migration()
    return runs


# Of a failure, the next page that asks begins anew.
@st.cache_resource(show_spinner=False, ttl=60)
def _migration() -> threading.Thread:
    thread = threading.Thread(target=_open_in_background, name="migration", daemon=True)
    thread.start()
    return thread


def _open_in_background() -> None:
    try:
        storage()
    except ExplainError as error:
        logger.error("The history could not be brought up to this version: %s", error)


@st.cache_resource(show_spinner=False)
def catalogue() -> Catalogue:
    """The models that people may choose."""
    return Catalogue(settings().choices, settings().device, is_waiting)


@st.cache_resource(show_spinner=False)
def backend() -> Backend:
    """What computes."""
    return open_backend(settings())


@st.cache_resource(show_spinner=False)
def jobs() -> JobQueue:
    """The queue of this process."""
    run = partial(compute, storage=storage(), backend=backend())
    limits = QueueLimits(settings().jobs_per_person, settings().jobs_in_all)
    times = StageTimes(storage().folder)
    made = JobQueue(run, is_waiting, limits=limits, log=storage().jobs, times=times, on_change=observe)
    _queues.add(made)
    return made


def forget_stored_jobs() -> None:
    """Lets go of what is remembered of jobs that are done and stored; makes no queue where there is none yet."""
    for queue in list(_queues):
        queue.forget_stored()


@st.cache_resource(show_spinner=False)
def audit() -> AuditLog:
    """Who did what to whose runs."""
    return AuditLog(audit_folder(storage().folder))


@st.cache_resource(show_spinner=False)
def access_tokens() -> AccessTokens:
    """What programs show in place of a sign-in."""
    return AccessTokens(tokens_file(storage().folder))


@st.cache_resource(show_spinner=False)
def feeders() -> Feeders:
    """The batches that this process feeds to its queue."""
    return Feeders(jobs(), storage(), card_of)


def card_of(request: ExplainRequest) -> ModelCard:
    """The model that answered a stored request.

    Raises:
        ModelError: it is not offered any more, or cannot be used.
    """
    card = catalogue().card_of(request.model)
    if card is None:
        raise ModelError("The model of this run is not offered by this server now, so nothing can be added to it.")
    return card


def is_waiting(waiter: str) -> bool:
    """Whether one who waits for a job is still there.

    A person is always, a program until its access token is withdrawn or ends, a page while it is open.
    """
    if waiter.startswith(PROGRAM_PREFIX):
        try:
            return access_tokens().is_good(waiter.removeprefix(PROGRAM_PREFIX))
        except ExplainError:
            return True
    return waiter.startswith(PERSON_PREFIX) or state.is_present(waiter)
