"""Folders that belong to this program alone: created 0700, never somebody else's."""

import fcntl
import fnmatch
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cache.errors import StoreError, store_error
from cache.files.losses import LOGS, stamp

SETTLED = 3600.0
"""Seconds after which nobody is still writing a file, or about to write the record that names it."""

_under_way: set[Path] = set()


def private_folder(folder: str | Path, own: str, what: str) -> Path:
    """Creates `folder` with mode 0700, or takes over one that is empty or this program's already.

    Its files become their owner's alone, too: an older version, or a copy, may have left them open.

    Args:
        folder: where; "~" and "$NAME" are expanded.
        own: glob of a file that marks a folder as this program's.
        what: how messages call it ("The result store").

    Returns:
        The absolute folder.

    Raises:
        StoreError: it is a file, holds other things, or cannot be created or written.
    """
    path = absolute(folder)
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
        for entry in os.scandir(path):
            if entry.is_file(follow_symlinks=False):
                narrow(entry.path)
    except (FileExistsError, NotADirectoryError) as error:
        raise StoreError(f"{name} cannot be opened: a file is in the way. Choose another folder.") from error
    except OSError as error:
        raise store_error(error, name) from error
    return path


def absolute(path: str | Path) -> Path:
    """A path as people write it, with "~" and "$NAME" expanded."""
    return Path(os.path.expandvars(path)).expanduser().absolute()


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


def narrow(file: str | Path) -> None:
    """Takes from a file what others may do to it; one that is not there, or not ours, is left alone.

    Without opening it: whoever closes a file of SQLite gives up the locks that other connections of this process hold.
    """
    with suppress(FileNotFoundError, PermissionError):
        if os.stat(file).st_mode & 0o077:
            os.chmod(file, 0o600)


def begin_file(file: Path) -> None:
    """Makes an empty file with mode 0600 whatever the umask, unless there is one.

    SQLite gives the files that it puts beside a database the mode of that.

    Raises:
        StoreError: something else lies there.
    """
    refuse_other(file)
    with suppress(FileExistsError):
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            os.fchmod(handle, 0o600)
        finally:
            os.close(handle)


def refuse_other(file: Path) -> None:
    """Lets a file pass, and a name that nothing has.

    Raises:
        StoreError: a folder lies there, a link to a disk that is not mounted, or the like.
    """
    if os.path.lexists(file) and not file.is_file():
        raise StoreError(
            f"{file} should be a file, and is a folder or a link that leads nowhere. Mend the link or mount its disk, "
            "or move it away."
        )


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
    aside = database.with_name(f"{database.name}.broken-{stamp()}")
    for suffix in (*LOGS, ""):
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
            _under_way.add(temporary)
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
    finally:
        if temporary is not None:
            _under_way.discard(temporary)


def drop_under_way() -> None:
    """Deletes what this process is writing at this moment: it is about to end, and nobody would go on with it."""
    for path in tuple(_under_way):
        with suppress(OSError):
            path.unlink(missing_ok=True)


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
