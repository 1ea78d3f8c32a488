"""Who waits for a job; watching and cancelling; what a server left unfinished."""

import logging

from cache import JobRow, StoreError
from dashboard import resources
from dashboard.auth import identity
from dashboard.jobs.job import Job
from dashboard.jobs.question import Question, study_id
from dashboard.loaded_run import LoadedRun
from dashboard.services.access import askers_of, is_run_id, may_see, may_stop_for_all
from dashboard.session import state

logger = logging.getLogger(__name__)

LOOKS = 10
"""How many times a second all pages together look at what they wait for: more would only slow everybody's pages."""

FASTEST, SLOWEST = 0.5, 5.0
"""Seconds between two looks of one page, however few or many wait."""


def waiter_of(question: Question) -> str:
    """Under which name the page waits for a job: of whoever is signed in and has asked, the person waits.

    So the job outlives their page, and only they, or an administrator, can say that it is no longer wanted.
    """
    person = identity.person()
    if person.signed_in and person.name in (question.asker.name, *(asker.name for asker in askers_of(question.id))):
        return f"{resources.PERSON_PREFIX}{person.name}"
    return state.page_id()


def watch(name: str) -> Job | None:
    """The job of that name as it stands, which this page now waits for; None where it is another's private one."""
    job = resources.jobs().get(name)
    if job is None or not may_see(job):
        return None
    return resources.jobs().get(name, waiter_of(job.question))


def studies_of(run: str) -> list[Job]:
    """Studies of a run that wait or run, as far as they may be seen, for which this page now waits, too."""
    jobs = (job for job in resources.jobs().active() if job.question.study)
    names = [job.id for job in jobs if job.id == study_id(run, job.question.study)]
    return [job for job in map(watch, names) if job is not None and job.is_active]


def usual_seconds(run: LoadedRun, study: str) -> float | None:
    """How long a study like this took last time on this server with the run's model; None where that is not known."""
    return None if run.record is None else resources.jobs().usual_seconds(run.record.model_name, study)


def jobs_before() -> int:
    """How many jobs wait or run now."""
    return len(resources.jobs().active())


def pace(former: float | None = None) -> float:
    """Seconds between two looks at a job, the longer the more pages look.

    Args:
        former: the page's pace until now, which stays as long as it is about right: a new one costs the whole page.
    """
    fair = min(SLOWEST, max(FASTEST, resources.jobs().watchers() / LOOKS))
    return former if former is not None and fair / 2 < former < fair * 2 else fair


def cancel(name: str, for_all: bool = False) -> bool:
    """Whoever is at the page no longer wants a job.

    Args:
        for_all: it stops whoever waits for it, which is for administrators who are signed in.

    Returns:
        Whether it stops.
    """
    job, person = resources.jobs().get(name), identity.person()
    if job is None or not may_see(job):
        return False
    force = for_all and may_stop_for_all()
    stops = resources.jobs().cancel(name, waiter_of(job.question), force=force)
    if stops:
        resources.audit().write("cancel", person.name, job=name, owners=[job.question.asker.name])
    return stops


def interrupted() -> list[JobRow]:
    """What servers of this store were asked and had not finished when they ended; none where that cannot be read.

    Others' private questions are left out.
    """
    try:
        jobs = resources.storage().jobs.interrupted()
    except StoreError as error:
        logger.error("The interrupted jobs cannot be read: %s", error)
        return []
    viewer = identity.person().viewer
    return [job for job in jobs if not job.asking.get("private") or job.person == viewer or may_stop_for_all()]


def run_job(name: str, wait: bool = False) -> Job | None:
    """The job of the run that an address names, if it may be seen; studies have no addresses.

    Args:
        wait: whether this page now waits for it, too.
    """
    if not is_run_id(name):
        return None
    if wait:
        return watch(name)
    job = resources.jobs().get(name)
    return job if job is not None and may_see(job) else None
