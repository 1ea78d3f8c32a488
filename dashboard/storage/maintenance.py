"""Looking after what is stored: what cleaning would drop, and dropping it. For pages and the command line alike."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cache import PictureFolder, StoreError
from cache.batches.folder import BatchFolder
from cache.jobs.inspection import waiting_pictures
from cache.results.change_log import note
from cache.results.cleanup import StoredRow, drop_rows, old_rows, orphaned_layers
from cache.results.disk import results_database
from cache.runs.inspection import named_pictures
from dashboard.storage.data_folder import batches_folder, history_file, jobs_file, pictures_folder, results_folder

BATCH_SECONDS = 30 * 24 * 3600.0
"""For so long a batch keeps the pictures of rows that have not been run."""


@dataclass(frozen=True)
class Cleaning:
    """What is of no use any more, and would be dropped.

    Attributes:
        days: results that were stored longer ago count as old; None for none.
        old: those.
        lost: layers that no request finds.
        unfinished: bytes of half-written pictures and batches.
        orphans: bytes of pictures that no run names, by digest.
    """

    days: float | None
    old: tuple[StoredRow, ...]
    lost: tuple[StoredRow, ...]
    unfinished: tuple[int, ...]
    orphans: dict[str, int]

    def items(self) -> list[tuple[str, list[int]]]:
        """What each kind is called, and the bytes of each of its things."""
        aged = [] if self.days is None else [(f"results older than {self.days:g} days", _bytes(self.old))]
        return [
            *aged,
            ("layers that no request finds", _bytes(self.lost)),
            ("half-written files", list(self.unfinished)),
            ("pictures that no run names", list(self.orphans.values())),
        ]


def plan_cleaning(folder: Path, days: float | None) -> Cleaning:
    """What cleaning a data folder would drop; changes nothing.

    Raises:
        StoreError: nothing is stored there, or it cannot be read.
    """
    results, pictures = stored_results(folder), PictureFolder(pictures_folder(folder))
    old = () if days is None else tuple(old_rows(results, days))
    known = {row.row for row in old}
    lost = tuple(row for row in orphaned_layers(results) if row.row not in known)
    unfinished = [size for written in _written_folders(folder, pictures) for size in written.unfinished().values()]
    return Cleaning(days, old, lost, tuple(unfinished), _orphans(folder, pictures))


def clean(folder: Path, plan: Cleaning) -> None:
    """Drops what was planned, unless it has been written anew since; the history stays.

    Raises:
        StoreError: it cannot be dropped.
    """
    drop_rows(results_folder(folder), [*plan.old, *plan.lost], "cleaned")
    pictures = PictureFolder(pictures_folder(folder))
    for written in _written_folders(folder, pictures):
        written.drop_unfinished()
    # Somebody may have asked about one of them since.
    gone = {digest: size for digest, size in _orphans(folder, pictures).items() if digest in plan.orphans}
    for digest in gone:
        pictures.drop(digest)
    note(results_folder(folder), "cleaned", "picture", len(gone), sum(gone.values()))


def stored_results(folder: Path) -> Path:
    """Where the results are in a data folder that has some.

    Raises:
        StoreError: it has none.
    """
    results = results_folder(folder)
    if not (results_database(results)).exists():
        raise StoreError(f"Nothing is stored in {folder} yet.")
    return results


def size_on_disk(database: Path) -> int:
    """Bytes of a database file and its logs."""
    files = [file for file in database.parent.glob(f"{database.name}*") if ".broken-" not in file.name]
    return sum(file.stat().st_size for file in files if file.is_file())


def _written_folders(folder: Path, pictures: PictureFolder) -> list[PictureFolder | BatchFolder]:
    """What may hold half-written files."""
    batches = batches_folder(folder)
    return [pictures, BatchFolder(batches)] if batches.is_dir() else [pictures]


def _orphans(folder: Path, pictures: PictureFolder) -> dict[str, int]:
    history = history_file(folder)
    # With the history gone or in part unreadable no run names any picture, and the file set aside may yet be mended.
    if not history.exists() or any(history.parent.glob("*.broken-*Z")):
        return {}
    named, batches = named_pictures(history), batches_folder(folder)
    if named is None:
        return {}
    if batches.is_dir():
        asked = BatchFolder(batches)
        named |= asked.pictures(time.time() - BATCH_SECONDS)
        if asked.unreadable:  # which pictures such a batch is about is not known, either
            return {}
    waiting = waiting_pictures(jobs_file(folder)) if jobs_file(folder).exists() else set()
    if waiting is None:
        return {}
    named |= waiting
    return pictures.orphans(named)


def _bytes(rows: Iterable[StoredRow]) -> list[int]:
    return [row.size for row in rows]
