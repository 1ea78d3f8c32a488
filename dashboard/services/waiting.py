"""Who waits for a job; watching and cancelling; what a server left unfinished."""

import logging

from cache import JobRow, StoreError
from dashboard import resources
from dashboard.auth import identity as people
from dashboard.jobs.job import Job
from dashboard.jobs.question import Question
from dashboard.services.access import _RUN_ID, _askers, may_see, may_stop_for_all
from dashboard.session import state

logger = logging.getLogger(__name__)


def _seat(question: Question) -> str:
    """Under which name the page waits for a job: of whoever is signed in and has asked, the person waits.

    So the job outlives their page, and only they, or an administrator, can say that it is no longer wanted.
    """
    here = people.person()
    if here.signed_in and here.name in (question.asker.name, *(asker.name for asker in _askers(question.id))):
        return f"{resources.SEAT}{here.name}"
    return state.visitor()


def watch(name: str) -> Job | None:
    """The job of that name as it stands, which this page now waits for; None where it is another's private one."""
    job = resources.jobs().view(name)
    if job is None or not may_see(job):
        return None
    return resources.jobs().view(name, _seat(job.question))


def cancel(name: str, for_all: bool = False) -> bool:
    """Whoever is at the page no longer wants a job.

    Args:
        for_all: it stops whoever waits for it, which is for administrators who are signed in.

    Returns:
        Whether it stops.
    """
    job, here = resources.jobs().view(name), people.person()
    if job is None or not may_see(job):
        return False
    force = for_all and may_stop_for_all()
    stops = resources.jobs().cancel(name, _seat(job.question), force=force)
    if stops:
        resources.audit().write("cancel", here.name, job=name, owners=[job.question.asker.name])
    return stops


def interrupted() -> list[JobRow]:
    """What servers of this store were asked and had not finished when they ended; none where that cannot be read.

    Others' private questions are left out.
    """
    try:
        rows = resources.storage().jobs.interrupted()
    except StoreError as error:
        logger.error("The interrupted jobs cannot be read: %s", error)
        return []
    here = people.person().sees
    return [row for row in rows if not row.asking.get("private") or row.person == here or may_stop_for_all()]


def run_job(name: str, wait: bool = False) -> Job | None:
    """The job of the run that an address names, if it may be seen; studies have no addresses.

    Args:
        wait: whether this page now waits for it, too.
    """
    if not _RUN_ID.fullmatch(name):
        return None
    if wait:
        return watch(name)
    job = resources.jobs().view(name)
    return job if job is not None and may_see(job) else None
