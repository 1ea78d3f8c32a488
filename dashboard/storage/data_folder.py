"""Where everything is remembered: results, original pictures, history and unfinished jobs in one data folder."""

import logging
import os
import tempfile
import weakref
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cache import JobLog, PictureFolder, ResultStore, RunHistory, StoreError
from cache.batches.folder import BatchFolder
from cache.errors import store_error
from cache.files.folders import claim
from cache.files.losses import identity, note_loss
from cache.files.sqlite import rows
from cache.results.disk import results_database
from cache.runs.stored_sizes import COUNTED, recount, uncounted
from core.temporary import own_folder
from dashboard.settings import Settings
from dashboard.storage.damage import WHOLE, Damage, acknowledge, found, rows_in_words, sentences
from dashboard.storage.device_rates import DeviceRates
from dashboard.storage.former_imports import separate

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
        self.keep_claim()

    def keep_claim(self) -> None:
        """For as long as this is in use, nobody may move the folder away; claimed anew where it was replaced."""
        claimed = self.__dict__.get("_claimed")
        if claimed is not None and claimed == identity(self.folder):
            return
        try:
            weakref.finalize(self, os.close, claim(self.folder))
        except OSError as error:  # a file system without locks
            logger.warning("Others cannot tell that %s is in use: %s.", self.folder, error)
        self.__dict__["_claimed"] = identity(self.folder)

    @cached_property
    def batches(self) -> BatchFolder:
        """Batches of pictures; their folder is made when it is first needed.

        Raises:
            StoreError: it cannot be used.
        """
        return BatchFolder(batches_folder(self.folder))

    @cached_property
    def rates(self) -> DeviceRates:
        """How fast what computes is."""
        return DeviceRates(self.folder)

    def watch_folders(self) -> None:
        """Notices folders of files that were deleted, which databases notice by themselves.

        Raises:
            StoreError: one cannot be made anew.
        """
        self.pictures.watch()
        if "batches" in self.__dict__:
            self.batches.watch()

    def drop_unfinished(self) -> None:
        """Deletes what killed processes left half written, an hour ago at least."""
        try:
            dropped = self.pictures.drop_unfinished()
            if batches_folder(self.folder).is_dir():
                dropped += self.batches.drop_unfinished()
        except StoreError as error:  # whoever opens one is told; everything else works
            logger.warning("%s", error)
            return
        if dropped:
            logger.info("Deleted %d half-written files of processes that were killed.", dropped)

    def note_unreadable(self, names: Mapping[str, Sequence[str]]) -> None:
        """What was found unreadable when all was read through; see `dashboard.storage.unreadable`."""
        self.__dict__["_unreadable"] = {part: set(known) for part, known in names.items()}

    def damage(self) -> list[Damage]:
        """What is lost or cannot be read, and nobody has acknowledged; a look at a few folders."""
        met = {
            "history": {*rows_in_words(self.runs.connection.unreadable), *_whole(self.runs.connection.damaged)},
            "jobs": {*rows_in_words(self.jobs.unreadable), *_whole(self.jobs.damaged)},
            "batches": self.batches.unreadable if "batches" in self.__dict__ else set(),
            "audit": set(),
        }
        read: dict[str, set[str]] = self.__dict__.get("_unreadable", {})
        return found(self.folder, {part: sorted(names | read.get(part, set())) for part, names in met.items()})

    def damage_in_words(self) -> list[str]:
        """The same in sentences for people: what happened, and what to do."""
        return sentences(self.folder, self.damage())

    def acknowledge_damage(self) -> list[str]:
        """Remembers that an administrator has seen it; returns the names of what was new.

        Raises:
            StoreError: the data folder cannot be written.
        """
        return acknowledge(self.folder, self.damage())


def _whole(damaged: bool) -> list[str]:
    return [WHOLE] if damaged else []


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


def tokens_file(folder: Path) -> Path:
    """Where access tokens are in a data folder."""
    return folder / "tokens" / "tokens.sqlite"


def batches_folder(folder: Path) -> Path:
    """Where batches are in a data folder."""
    return folder / "batches"


def open_storage(settings: Settings, *, stand_in: bool = True) -> Storage:
    """The data folder; where it cannot be used, one in this process's temporary folder, so that people can still work.

    Args:
        stand_in: whether there may be a temporary one.

    Raises:
        StoreError: the folder, or even a temporary one, cannot be written.
        InputError: the system's temporary folder is not safe.
    """
    size_limit = int(settings.store_gigabytes * 2**30)
    max_age = None if settings.store_days is None else settings.store_days * DAY
    try:
        return _open(settings.data_folder, size_limit, max_age)
    except StoreError as error:
        if not stand_in:
            raise
        temporary = Path(tempfile.mkdtemp(prefix="data-", dir=own_folder()))
        problem = (
            f"{error} Until the server is started again with a usable SMOOTHCAM_DATA_FOLDER, "
            "runs are kept in a temporary folder, which is deleted when the server ends."
        )
        logger.error("%s Stand-in: %s.", problem, temporary)
        return _open(temporary, size_limit, max_age, problem)


def note_missing(folder: Path) -> None:
    """Writes down which parts are gone, or cut off to nothing, while others tell that they were there.

    Whoever opens the folder begins fresh ones, which would look as if there had never been anything.

    Raises:
        StoreError: the folder cannot be written.
    """
    has_runs = _has_rows(history_file(folder), "runs")
    has_results = _has_rows(results_database(results_folder(folder)), "Cache")
    missing = {
        history_file(folder): has_results and _is_empty(history_file(folder)),
        results_database(results_folder(folder)): has_runs and _is_empty(results_database(results_folder(folder))),
        # Older versions had none, so that only an empty one tells something.
        jobs_file(folder): has_runs and jobs_file(folder).is_file() and _is_empty(jobs_file(folder)),
    }
    lost = [file.parent for file, is_lost in missing.items() if is_lost]
    if has_runs and not os.path.lexists(pictures_folder(folder)):
        lost.append(pictures_folder(folder))
    for part in lost:
        try:
            note_loss(part, None)
        except OSError as error:
            raise store_error(error, f"The data folder {folder}") from error


def _has_rows(database: Path, table: str) -> bool:
    """Whether a table of a database has any; False where that cannot be told."""
    try:
        return bool(rows(database, f"SELECT EXISTS (SELECT 1 FROM {table})", str(database))[0][0])
    except StoreError:
        return False


def _is_empty(file: Path) -> bool:
    """Whether there is no file, or nothing in it; what else may lie there is told when it is opened."""
    if os.path.lexists(file):
        return file.is_file() and not file.stat().st_size
    return file.parent.is_dir() or not os.path.lexists(file.parent)


def _open(folder: Path, size_limit: int, max_age: float | None, problem: str | None = None) -> Storage:
    note_missing(folder)
    storage = Storage(
        folder=folder,
        results=ResultStore(results_folder(folder), size_limit_bytes=size_limit, max_age=max_age),
        pictures=PictureFolder(pictures_folder(folder)),
        runs=RunHistory(history_file(folder)),
        jobs=JobLog(jobs_file(folder)),
        size_limit=size_limit,
        problem=problem,
    )
    storage.drop_unfinished()
    separate(storage.results, storage.runs)
    return storage


def count_stored(storage: Storage, between: Callable[[], object] = lambda: None) -> bool:
    """Drops what is too old and brings the stored sizes in the history up to date, in short steps.

    By a connection of its own: whoever waits for another process that writes has the connection meanwhile that pages
    share, and with it all who read.

    Args:
        between: called after each step, with no lock held.

    Returns:
        Whether all is counted; not while another process is at it.

    Raises:
        StoreError: results or history cannot be used.
    """
    storage.results.expire()
    with storage.runs.connection.statements():
        pass  # notices, and says, that the file was deleted, before another is made here
    with closing(RunHistory(history_file(storage.folder))) as runs:
        return recount(runs, storage.results.folder, between=between)


def count_a_few(storage: Storage) -> int:
    """The same for whoever cannot wait: counts what is new if that is little, and returns how many runs are left.

    Raises:
        StoreError: results or history cannot be used.
    """
    recount(storage.runs, storage.results.folder, most=COUNTED)
    return uncounted(storage.runs)
