"""Where everything is remembered: results, original pictures, history and unfinished jobs in one data folder."""

import logging
import os
import tempfile
import weakref
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cache import JobLog, PictureFolder, ResultStore, RunHistory, StoreError
from cache.batches.folder import BatchFolder
from cache.files.folders import claim
from cache.runs.stored_sizes import recount
from dashboard.settings import Settings

logger = logging.getLogger(__name__)

DAY = 24 * 3600.0


@dataclass(frozen=True, eq=False)
class Storage:
    """What is remembered.

    Attributes:
        folder: where they are.
        size_limit: bytes of stored results beyond which the longest stored ones are dropped.
        problem: a sentence for people when the data folder cannot be used and this is a stand-in.
    """

    folder: Path
    results: ResultStore
    pictures: PictureFolder
    runs: RunHistory
    jobs: JobLog
    size_limit: int
    problem: str | None = None

    def __post_init__(self) -> None:
        # For as long as this is in use, nobody may move the folder away.
        try:
            weakref.finalize(self, os.close, claim(self.folder))
        except OSError as error:  # a file system without locks
            logger.warning("Others cannot tell that %s is in use: %s.", self.folder, error)

    @cached_property
    def batches(self) -> BatchFolder:
        """Batches of pictures; their folder is made when it is first needed.

        Raises:
            StoreError: it cannot be used.
        """
        return BatchFolder(batches_folder(self.folder))


def results_folder(folder: Path) -> Path:
    """Where results are in a data folder."""
    return folder / "results"


def pictures_folder(folder: Path) -> Path:
    """Where pictures are in a data folder."""
    return folder / "pictures"


def audit_folder(folder: Path) -> Path:
    """Where the audit log is in a data folder."""
    return folder / "audit"


def history_file(folder: Path) -> Path:
    """Where the history is in a data folder."""
    return folder / "history" / "runs.sqlite"


def jobs_file(folder: Path) -> Path:
    """Where unfinished jobs are in a data folder."""
    return folder / "jobs" / "jobs.sqlite"


def batches_folder(folder: Path) -> Path:
    """Where batches are in a data folder."""
    return folder / "batches"


def open_storage(settings: Settings, *, stand_in: bool = True) -> Storage:
    """The data folder; where it cannot be used, a temporary one, so that people can still work.

    Args:
        stand_in: whether there may be a temporary one.

    Raises:
        StoreError: the folder, or even a temporary one, cannot be written.
    """
    size_limit = int(settings.store_gigabytes * 2**30)
    max_age = None if settings.store_days is None else settings.store_days * DAY
    try:
        return _open(settings.data_folder, size_limit, max_age)
    except StoreError as error:
        if not stand_in:
            raise
        temporary = Path(tempfile.mkdtemp(prefix="smooth-gradcam-"))
        problem = (
            f"{error} Until the server is started again with a usable SMOOTHCAM_DATA_FOLDER, "
            "runs are kept in a temporary folder and may be lost."
        )
        logger.error("%s Stand-in: %s.", problem, temporary)
        return _open(temporary, size_limit, max_age, problem)


def _open(folder: Path, size_limit: int, max_age: float | None, problem: str | None = None) -> Storage:
    storage = Storage(
        folder=folder,
        results=ResultStore(results_folder(folder), size_limit_bytes=size_limit, max_age=max_age),
        pictures=PictureFolder(pictures_folder(folder)),
        runs=RunHistory(history_file(folder)),
        jobs=JobLog(jobs_file(folder)),
        size_limit=size_limit,
        problem=problem,
    )
    dropped = storage.pictures.drop_unfinished()
    try:
        if batches_folder(folder).is_dir():
            dropped += storage.batches.drop_unfinished()
    except StoreError as error:  # whoever opens a batch is told; everything else works
        logger.warning("%s", error)
    if dropped:
        logger.info("Deleted %d half-written files of processes that were killed.", dropped)
    return storage


def count_stored(storage: Storage) -> None:
    """Brings the stored sizes in the history up to date; a millisecond where nothing was written or dropped.

    Raises:
        StoreError: results or history cannot be used.
    """
    storage.results.expire()
    recount(storage.runs, storage.results.folder)
