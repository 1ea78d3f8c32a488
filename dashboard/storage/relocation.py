"""Moves the data folder to another place, such as a larger disk: copy, compare, then switch."""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from cache import StoreError
from cache.batches.failures import SUFFIX
from cache.errors import store_error
from cache.files.folders import begin_file, make_private, narrow, unused
from cache.files.sqlite import read_only
from cache.results.disk import results_database
from dashboard.storage.audit_log import FILE
from dashboard.storage.damage import acknowledgements_folder
from dashboard.storage.data_folder import (
    audit_folder,
    batches_folder,
    history_file,
    jobs_file,
    pictures_folder,
    results_folder,
    tokens_file,
)
from dashboard.storage.evaluations import evaluations_folder

_LOST = "*.lost-*Z"
_CONTENTS = (
    *(results_folder, pictures_folder, batches_folder, history_file, jobs_file, audit_folder),
    acknowledgements_folder,
    evaluations_folder,
    tokens_file,
)
_FILES = (
    (pictures_folder, "*.picture"),
    (batches_folder, "*.batch"),
    (batches_folder, f"*{SUFFIX}"),
    (audit_folder, f"{FILE}*"),
    (evaluations_folder, "*.json"),
    # What was damaged, and who has seen it: a move is no acknowledgement.
    (results_folder, "*.broken-*"),
    (lambda folder: history_file(folder).parent, "*.broken-*"),
    (lambda folder: jobs_file(folder).parent, "*.broken-*"),
    (lambda folder: folder, _LOST),
    (acknowledgements_folder, "*.json"),
)


def move(source: Path, target: Path) -> Path:
    """Moves everything in the data folder `source` to `target` and leaves a link in its place.

    Until the copy is complete and compared, nothing of the source is changed; a failure takes back
    what was copied.

    Returns:
        Where the old files are now; nothing is deleted.

    Raises:
        StoreError: the target is not empty or cannot be written, or a server uses the source.
    """
    source, target = source.expanduser().absolute(), target.expanduser().absolute()
    if not source.is_dir():
        raise StoreError(f"There is nothing to move: {source} is no folder.")
    real, there = source.resolve(), target.resolve()
    if there == real or real in there.parents or there in real.parents:
        raise StoreError(f"{target} and {source} lie within each other. Choose another folder.")
    with unused(real, f"The data folder {source}"):
        made = _empty_folder(target)
        try:
            _copy(real, target)
        except BaseException as error:
            _take_back(target, made)
            if isinstance(error, (OSError, sqlite3.Error)):
                raise store_error(error, f"The folder {target}") from error
            raise
        return _switch(source, target)


def _empty_folder(target: Path) -> bool:
    """Makes sure that `target` is an empty folder; returns whether it had to be made."""
    try:
        if target.exists():
            if any(target.iterdir()):
                raise StoreError(f"{target} is not empty. Choose a folder that is, or a new one.")
            return False
        make_private(target)
        return True
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{target} cannot be used: a file is in the way. Choose another folder.") from error
    except OSError as error:
        raise store_error(error, f"The folder {target}") from error


def _copy(source: Path, target: Path) -> None:
    target.chmod(0o700)
    databases = (results_database(results_folder(source)), history_file(source), jobs_file(source), tokens_file(source))
    for database in databases:
        if database.exists():
            copy = target / database.relative_to(source)
            copy.parent.mkdir(mode=0o700)
            _copy_database(database, copy)
    for locate, pattern in _FILES:
        if not locate(source).is_dir():
            continue
        locate(target).mkdir(mode=0o700, exist_ok=True)
        for file in locate(source).glob(pattern):
            copy = Path(shutil.copy2(file, locate(target)))
            narrow(copy)
            if copy.stat().st_size != file.stat().st_size:
                raise StoreError(f"{copy} was not copied whole. Check the disk, and try again.")
    os.sync()


def _copy_database(source: Path, copy: Path) -> None:
    """SQLite's own copy, which holds what is still in the log; compared table by table."""
    begin_file(copy)
    with closing(read_only(source)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
        tables = [name for (name,) in old.execute(query)]
        counts = [f'SELECT COUNT(*) FROM "{name}"' for name in tables]
        same = all(old.execute(count).fetchone() == new.execute(count).fetchone() for count in counts)
        if not same or new.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise StoreError(f"{copy} is not what {source} is. Check the disk, and `verify` the store.")


def _take_back(target: Path, made: bool) -> None:
    for locate in _CONTENTS:
        shutil.rmtree(target / locate(target).relative_to(target).parts[0], ignore_errors=True)
    for marker in target.glob(_LOST):
        marker.unlink(missing_ok=True)
    if made:
        shutil.rmtree(target, ignore_errors=True)


def _switch(source: Path, target: Path) -> Path:
    """A link to `target` in the place of `source`; returns where the old files are."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    try:
        # Made beside it first: where no link can be made, the source stays where it is.
        link = source.with_name(f"{source.name}.link-{stamp}")
        link.symlink_to(target)
        old = source.resolve()
        if not source.is_symlink():
            old = source.rename(source.with_name(f"{source.name}.moved-{stamp}"))
        link.replace(source)
        return old
    except OSError as error:
        raise StoreError(
            f"Everything is copied to {target}, but no link can be put in the place of {source} ({error.strerror}). "
            f"Set SMOOTHCAM_DATA_FOLDER to {target}."
        ) from error
