"""Which records, batches and jobs whoever is at the page may see."""

import re

from cache import Asker, RunRecord, StoreError, run_id
from cache.batches.batch import Batch
from dashboard import resources
from dashboard.auth import identity
from dashboard.jobs.job import Job

_RUN_ID = re.compile(r"[0-9a-f]{16}")


def is_run_id(name: str) -> bool:
    """Whether it is written as the names of runs are; studies and whatever else an address may hold are not."""
    return _RUN_ID.fullmatch(name) is not None


def askers_of(job_id: str) -> list[Asker]:
    """Who has asked for a run that is not there yet; none where that cannot be read."""
    try:
        return resources.storage().runs.askers.of(job_id)
    except StoreError:
        return []


def may_stop_for_all() -> bool:
    """Whether whoever is at the page may stop a job that others wait for. Where nobody signs in, nobody may."""
    person = identity.person()
    return person.is_admin and person.signed_in


def may_see(job: Job) -> bool:
    """Whether a job may be shown to whoever is at the page: somebody has asked for everybody to see, or they have."""
    asker, person = job.question.asker, identity.person()
    if not asker.private or asker.name == person.viewer or may_stop_for_all():
        return True
    if job.question.study:  # there for whoever sees the run that it is about
        try:
            return find_record(run_id(job.question.request)) is not None
        except StoreError:
            return False
    return any(not other.private or other.name == person.viewer for other in askers_of(job.id))


def find_record(name: str, viewer: str | None = None) -> RunRecord | None:
    """The record of the history that an address names, as far as whoever is at the page may see it.

    Args:
        viewer: who looks, where that is not the page's own thread.

    Raises:
        StoreError: the history cannot be read.
    """
    history = resources.storage().runs

    def find(each: str) -> RunRecord | None:
        if viewer is not None:
            return history.get(each, viewer)
        return history.get(each, identity.viewer(), everybodys=may_stop_for_all())

    record = find(name)
    if record is None and (today := history.former_imports.todays_name(name)) is not None:
        record = find(today)  # a link to what was imported before imports had names of their own
    return record


def find_batch(name: str) -> Batch | None:
    """The batch that an address names, as far as whoever is at the page may see it.

    Raises:
        StoreError: it cannot be read.
    """
    return resources.storage().batches.get(name, identity.viewer(), everybodys=may_stop_for_all())
