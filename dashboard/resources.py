"""What there is once in this process, whoever looks at a page: storage, what computes, the queue, the audit log.

Nothing here imports torch: a job's thread does, when there is something to compute.
"""

from functools import partial

import streamlit as st

from core import ExplainRequest, ModelError
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
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.data_folder import Storage, audit_folder, open_storage

PERSON_PREFIX = "person:"
"""How the names of waiters begin that are people, and not pages."""


@st.cache_resource(show_spinner=False)
def settings() -> Settings:
    """The settings of this process."""
    return read_settings()


@st.cache_resource(show_spinner=False)
def storage() -> Storage:
    """Results, pictures and history."""
    return open_storage(settings())


@st.cache_resource(show_spinner=False)
def catalogue() -> Catalogue:
    """The models that people may choose."""
    return Catalogue(settings().choices, settings().device)


@st.cache_resource(show_spinner=False)
def backend() -> Backend:
    """What computes."""
    return open_backend(settings())


@st.cache_resource(show_spinner=False)
def jobs() -> JobQueue:
    """The queue of this process."""
    run = partial(compute, storage=storage(), backend=backend())
    limits = QueueLimits(settings().jobs_per_person, settings().jobs_in_all)
    return JobQueue(run, is_waiting, limits=limits, log=storage().jobs, on_change=observe)


@st.cache_resource(show_spinner=False)
def audit() -> AuditLog:
    """Who did what to whose runs."""
    return AuditLog(audit_folder(storage().folder))


@st.cache_resource(show_spinner=False)
def feeders() -> Feeders:
    """The batches that this process feeds to its queue."""
    return Feeders(jobs(), storage(), card_of)


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


def is_waiting(waiter: str) -> bool:
    """Whether one who waits for a job is still there: a person always, a page while it is open."""
    return waiter.startswith(PERSON_PREFIX) or state.is_present(waiter)
