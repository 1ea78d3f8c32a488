"""A temporary folder of this process's own: closed to others, deleted at its end, and swept up where it was killed.

Whatever lies in the system's temporary folder under a name that others can guess may be somebody else's.
"""

import atexit
import fcntl
import os
import re
import shutil
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import InputError

_PREFIX = "smoothcam-"
_NAME = re.compile(re.escape(_PREFIX) + r"\w{8}")
_MARK = ".of-smooth-gradcam"
"""A file without which no folder is taken for one of these, whatever its name."""


@dataclass(frozen=True)
class _Folder:
    path: Path
    process: int
    lock: int


_making = threading.Lock()
_own: _Folder | None = None


def own_folder() -> Path:
    """The folder, made when it is first needed, and anew where somebody has deleted it.

    For as long as this process lives it holds a lock on the folder, by which others (and cleaners of temporary
    folders, such as systemd's) tell that it is in use.

    Raises:
        InputError: the system's temporary folder cannot be written, or is not one in which anything is safe.
    """
    global _own
    with _making:
        if _own is None or _own.process != os.getpid() or not _own.path.is_dir():
            try:
                base = Path(tempfile.gettempdir()) if _own is None else _own.path.parent
                sweep(base)
                _own = _make(base)
            except OSError as error:
                raise InputError(
                    f"There is no temporary folder that can be written ({error.strerror or error}). Set TMPDIR to one."
                ) from error
        return _own.path


@contextmanager
def inside_own_folder() -> Iterator[Path]:
    """Within it, whatever this process and those that it starts put into "the temporary folder" lies in its own.

    At the end the folder is deleted, unless it was there before.

    Raises:
        InputError: as `own_folder`.
    """
    is_new = _own is None
    folder = own_folder()
    default, variable = tempfile.tempdir, os.environ.get("TMPDIR")
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    try:
        yield folder
    finally:
        tempfile.tempdir = default
        if variable is None:
            os.environ.pop("TMPDIR", None)
        else:
            os.environ["TMPDIR"] = variable
        if is_new:
            remove()


@atexit.register
def remove() -> None:
    """Deletes this process's folder with what is in it, if it has one."""
    global _own
    with _making:
        if _own is not None and _own.process == os.getpid():
            shutil.rmtree(_own.path, ignore_errors=True)
            os.close(_own.lock)
        _own = None


def refresh() -> None:
    """Makes the folder young again: cleaners that know no locks delete what nobody has touched for days."""
    with _making:
        if _own is not None:
            for path in (_own.path, _own.path / _MARK):
                with suppress(OSError):
                    os.utime(path)


def sweep(base: Path | None = None) -> int:
    """Deletes the folders of this user's processes that were killed; returns how many there were.

    Args:
        base: where they are; the system's temporary folder, unless something else is said.
    """
    if base is None:
        base = Path(tempfile.gettempdir()) if _own is None else _own.path.parent
    return sum(_drop_if_left(path) for path in base.glob(f"{_PREFIX}*") if _NAME.fullmatch(path.name))


def _make(base: Path) -> _Folder:
    mode = base.stat().st_mode
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise InputError(
            f"Everybody may rename and replace what lies in the temporary folder {base}, so nothing is safe there. "
            "Set TMPDIR to a folder of your own, or ask the machine's administrator for the mode 1777."
        )
    while True:
        path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=base))
        path.chmod(0o700)  # whatever the umask
        (path / _MARK).touch(0o600)
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError:  # a file system without locks: nobody can sweep there, either
            return _Folder(path, os.getpid(), lock)
        # Whoever swept between the two steps took it for a dead process's.
        if path.is_dir() and os.path.samestat(os.fstat(lock), os.stat(path)):
            return _Folder(path, os.getpid(), lock)
        os.close(lock)


def _drop_if_left(path: Path) -> bool:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:  # a link, a file, somebody else's, or gone
        return False
    try:
        if os.fstat(handle).st_uid != os.geteuid() or not (path / _MARK).is_file():
            return False
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
        return not path.exists()
    except OSError:  # in use, or a file system without locks
        return False
    finally:
        os.close(handle)
