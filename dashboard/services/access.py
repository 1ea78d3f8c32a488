"""Which records, batches and jobs whoever is at the page may see."""

import re

from cache import Asker, RunRecord, StoreError, run_id
from cache.batches.batch import Batch
from dashboard import resources
from dashboard.auth import identity as people
from dashboard.jobs.job import Job

_RUN_ID = re.compile(r"[0-9a-f]{16}")


def _askers(job_id: str) -> list[Asker]:
    try:
        return resources.storage().runs.askers.of(job_id)
    except StoreError:
        return []


def may_stop_for_all() -> bool:
    """Whether whoever is at the page may stop a job that others wait for. Where nobody signs in, nobody may."""
    here = people.person()
    return here.is_admin and here.signed_in


def may_see(job: Job) -> bool:
    """Whether a job may be shown to whoever is at the page: somebody has asked for everybody to see, or they have."""
    asker, here = job.question.asker, people.person()
    if not asker.private or asker.name == here.sees or may_stop_for_all():
        return True
    if job.question.study:  # there for whoever sees the run that it is about
        try:
            return find_row(run_id(job.question.request)) is not None
        except StoreError:
            return False
    return any(not other.private or other.name == here.sees for other in _askers(job.id))


def find_row(name: str, viewer: str | None = None) -> RunRecord | None:
    """The line of the history that an address names, as far as whoever is at the page may see it.

    Args:
        viewer: who looks, where that is not the page's own thread.

    Raises:
        StoreError: the history cannot be read.
    """
    if viewer is not None:
        return resources.storage().runs.get(name, viewer)
    here = people.person()
    return resources.storage().runs.get(name, people.viewer(), everybodys=here.is_admin and here.signed_in)


def find_batch(name: str) -> Batch | None:
    """The batch that an address names, as far as whoever is at the page may see it.

    Raises:
        StoreError: it cannot be read.
    """
    return resources.storage().batches.get(name, people.viewer(), everybodys=may_stop_for_all())
