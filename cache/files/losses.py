"""Files that were deleted or replaced under a running program: noticed by one `stat`, and written down.

An open file outlives its name. Without a look, a server would go on writing into a database that nobody finds again.
"""

import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

logger = logging.getLogger(__name__)

Identity = tuple[int, int]
"""Device and number of a file: another file under the same name has another one while the first is still open."""

LOGS = ("-wal", "-shm")
"""What SQLite keeps beside a database file."""


def identity(path: Path) -> Identity | None:
    """Which file is at `path` now; None where there is none."""
    try:
        state = os.stat(path)
    except OSError:
        return None
    return state.st_dev, state.st_ino


def log_identities(database: Path) -> dict[str, Identity | None]:
    """Which files SQLite keeps beside a database now."""
    return {suffix: identity(database.with_name(database.name + suffix)) for suffix in LOGS}


def stamp() -> str:
    """The present moment as names of files have it, to the microsecond (UTC)."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def leave_behind(database: Path, lost: Identity, logs: dict[str, Identity | None]) -> None:
    """Notes that a database was deleted or replaced, and moves the logs of the lost one out of the way.

    Does neither where what lies there now is no file: it may be put right, and the old file back in its place.

    SQLite would play an old log into whatever database lies beside it. Called by one process at a time (see
    `cache.files.folders.alone`); a second one that has lost the same file finds all done.

    Args:
        lost: the file that was open.
        logs: its logs, as `log_identities` saw them while it was.

    Raises:
        OSError: the folder cannot be written, or no file is in the database's place.
    """
    if database.exists() and not database.is_file():
        raise IsADirectoryError(f"{database} is no file")
    for suffix, known in logs.items():
        log = database.with_name(database.name + suffix)
        if known is not None and identity(log) == known:
            log.rename(database.with_name(f"{database.name}.broken-{stamp()}{suffix}"))
    note_loss(database.parent, lost)


def note_loss(folder: Path, lost: Identity | None) -> None:
    """Writes down, beside `folder`, that what lay in it was deleted or replaced.

    Args:
        lost: what was open, of which several processes of a server may tell; None for what was gone before the start.

    Raises:
        OSError: that cannot be written.
    """
    which = "" if lost is None else "{} {}".format(*lost)
    for marker in folder.parent.glob(f"{folder.name}.lost-*Z") if which else ():
        with suppress(OSError):
            if marker.read_text("ascii") == which:  # another process of this server's was first
                return
    marker = folder.parent / f"{folder.name}.lost-{stamp()}"
    handle = os.open(marker, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, which.encode("ascii"))
    finally:
        os.close(handle)
    logger.error(
        "What lay in %s was deleted or replaced %s. Whatever was there and is not now is lost; what comes is stored "
        "anew.",
        folder,
        "while this server used it" if which else "before this start",
    )
