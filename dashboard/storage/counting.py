"""Which runs are still stored, and in how many bytes: brought up to date before anybody is told."""

from collections.abc import Sequence
from typing import Any

from cache.runs.stored_sizes import recount
from core import ExplainError, ExplainRequest
from dashboard.jobs.studies.registry import whole_run
from dashboard.storage.data_folder import Storage


def count_stored(storage: Storage) -> None:
    """Brings the stored sizes in the history up to date; a millisecond where nothing was written or dropped.

    Raises:
        StoreError: results or history cannot be used.
    """
    storage.results.expire()
    recount(storage.runs, storage.results.folder, _parts)


def _parts(request: dict[str, Any]) -> Sequence[ExplainRequest]:
    try:
        return whole_run(ExplainRequest.from_dict(request))
    except (ExplainError, KeyError, TypeError, ValueError):
        return []  # of a version whose requests this one does not read
