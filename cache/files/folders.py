"""Folders that belong to this program alone: created 0700, never somebody else's."""

import fcntl
import fnmatch
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from cache.errors import StoreError, store_error

SETTLED = 3600.0
"""Seconds after which nobody is still writing a file, or about to write the record that names it."""


def private_folder(folder: str | Path, own: str, what: str) -> Path:
    """Creates `folder` with mode 0700, or takes over one that is empty or this program's already.

    Args:
        folder: where; "~" and "$NAME" are expanded.
        own: glob of a file that marks a folder as this program's.
        what: how messages call it ("The result store").

    Returns:
        The absolute folder.

    Raises:
        StoreError: it is a file, holds other things, or cannot be created or written.
    """
    path = Path(os.path.expandvars(folder)).expanduser().absolute()
    name = f"{what} in {path}"
    try:
        make_private(path)
        # Tightening the mode of, say, /tmp because somebody typed it would lock everybody out. Listed once:
        # another process that starts may be clearing away what it finds.
        names = os.listdir(path)
        if names and not fnmatch.filter(names, own):
            raise StoreError(f"{name} cannot be opened: it holds other files. Choose an empty folder.")
        if path.stat().st_mode & 0o077:
            path.chmod(0o700)
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{name} cannot be opened: a file is in the way. Choose another folder.") from error
    except OSError as error:
        raise store_error(error, name) from error
    return path


def make_private(path: Path) -> None:
    """Creates a folder and those above it that are missing, all with mode 0700 whatever the umask.

    Whoever may write to the folder above could put another one in this one's place.
    """
    if path.is_dir():
        return
    if path != path.parent:
        make_private(path.parent)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not path.is_dir():  # rather than made by another process meanwhile
            raise
    else:
        path.chmod(0o700)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """One process at a time in `folder`: the second to find damage must not move the fresh file away."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def move_aside(database: Path) -> Path:
    """Renames a broken SQLite database and its log files, so that nothing is lost and a fresh one fits.

    Returns:
        The new name: the old one with ".broken-" and the UTC time.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = database.with_name(f"{database.name}.broken-{stamp}")
    for suffix in ("-wal", "-shm", ""):
        file = database.with_name(database.name + suffix)
        if file.exists():
            file.rename(aside.with_name(aside.name + suffix))
    return aside


def write_whole(path: Path, data: bytes, unfinished: str) -> None:
    """Writes a file that is there whole, or not at all, whatever happens meanwhile; an older one is replaced.

    Args:
        unfinished: how the name ends of what a killed process leaves behind.

    Raises:
        OSError: it cannot be written; nothing is left behind.
    """
    temporary = None
    try:
        # Renaming is atomic only within one folder, and durable only after both are synced.
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=unfinished, delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync(path.parent)
    except OSError:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise


def settled_files(folder: Path, suffix: str, age: float = SETTLED) -> dict[Path, int]:
    """Files of that suffix which were last written so many seconds ago at least, with their bytes.

    Raises:
        OSError: the folder cannot be read.
    """
    found = {}
    for path in folder.glob(f"*{suffix}"):
        with suppress(FileNotFoundError):  # another process cleans up, too
            state = path.stat()
            if time.time() - state.st_mtime >= age:
                found[path] = state.st_size
    return found


def drop_unfinished(folder: Path, unfinished: str) -> int:
    """Deletes what killed processes left of `write_whole`, and returns how many there were.

    Safe while others write, and from several processes.

    Raises:
        OSError: the folder cannot be read, or a file not deleted.
    """
    found = settled_files(folder, unfinished)
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def claim(folder: Path) -> int:
    """Marks `folder` as used by this process, until the handle that is returned is closed or the process ends.

    Several processes may use a folder; `unused` tells whether any does. Waits while one has it alone.
    """
    while True:
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_SH)
        # Whoever had it alone may have put another folder in its place.
        if os.path.samestat(os.fstat(handle), os.stat(folder)):
            return handle
        os.close(handle)


@contextmanager
def unused(folder: Path, what: str) -> Iterator[None]:
    """Keeps every other process from claiming `folder`.

    Raises:
        StoreError: one has claimed it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StoreError(f"{what} is used by a running server. Stop that first.") from None
        yield
    finally:
        os.close(handle)
