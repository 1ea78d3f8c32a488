"""What there is once in this process, whoever looks at a page: storage, models, the queue, the audit log.

Nothing here imports torch: a job's thread does, when there is something to compute.
"""

from functools import partial

import streamlit as st

from core import ExplainRequest, ModelError
from core.models.checkpoints import ModelCard
from dashboard.batch.feeder import Feeders
from dashboard.jobs.backends import Models, open_models
from dashboard.jobs.model_catalogue import Catalogue
from dashboard.jobs.queue import JobQueue
from dashboard.jobs.runner import compute
from dashboard.jobs.scheduling import QueueLimits
from dashboard.jobs.telemetry import observe
from dashboard.session import state
from dashboard.settings import Settings, read_settings
from dashboard.storage.audit_log import AuditLog
from dashboard.storage.data_folder import Storage, audit_folder, open_storage

SEAT = "person:"
"""How names of those who wait for jobs begin who are people, and not pages."""


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
    """The models that visitors may choose."""
    return Catalogue(settings().choices, settings().device)


@st.cache_resource(show_spinner=False)
def models() -> Models:
    """What computes."""
    return open_models(settings())


@st.cache_resource(show_spinner=False)
def jobs() -> JobQueue:
    """The queue of this process."""
    work = partial(compute, storage=storage(), models=models())
    limits = QueueLimits(settings().jobs_per_person, settings().jobs_in_all)
    return JobQueue(work, is_waiting, limits=limits, log=storage().jobs, on_change=observe)


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


def is_waiting(seat: str) -> bool:
    """Whether somebody is still there in whose name a job is waited for: a person always, a page while it is open."""
    return seat.startswith(SEAT) or state.is_present(seat)
