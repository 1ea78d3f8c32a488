"""Which rows and files of a data folder hold what nothing is made of: read through once, a few hundred at a time."""

from collections.abc import Callable
from pathlib import Path

from cache import StoreError
from cache.batches.folder import BatchFolder
from cache.errors import is_damage
from cache.files.sqlite import is_foreign
from cache.jobs.inspection import unreadable_rows as unreadable_jobs
from cache.runs.inspection import unreadable_rows as unreadable_runs
from dashboard.storage.audit_log import unreadable_lines
from dashboard.storage.damage import WHOLE, rows_in_words
from dashboard.storage.data_folder import audit_folder, batches_folder, history_file, jobs_file


def scan(folder: Path, between: Callable[[], object] = lambda: None) -> dict[str, list[str]]:
    """Of each part of a data folder, the names of what cannot be read; changes nothing.

    Args:
        between: called after each short step.

    Raises:
        StoreError: a part cannot be read, and is not known to be damaged.
    """
    history, jobs = history_file(folder), jobs_file(folder)
    found = {
        "history": _of_database(history, "runs", lambda: unreadable_runs(history, between)),
        "jobs": _of_database(jobs, "jobs", lambda: unreadable_jobs(jobs)),
    }
    if batches_folder(folder).is_dir():
        batches = BatchFolder(batches_folder(folder))
        batches.read_all()
        found["batches"] = sorted(batches.unreadable)
    found["audit"] = unreadable_lines(audit_folder(folder))
    return found


def _of_database(file: Path, table: str, read: Callable[[], dict[int, str]]) -> list[str]:
    """The rows that cannot be read; the file itself where a page of it is damaged, or it is another program's."""
    try:
        return [WHOLE] if is_foreign(file, table) else rows_in_words(read())
    except StoreError as error:
        if not is_damage(error):
            raise
        return [WHOLE]
