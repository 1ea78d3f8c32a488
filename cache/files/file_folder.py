"""A folder of small files of one kind, each written whole: what is half written, and failures in words."""

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cache.errors import store_error
from cache.files.folders import (
    SETTLED,
    absolute,
    alone,
    drop_unfinished,
    private_folder,
    settled_files,
    write_whole,
)
from cache.files.losses import identity, note_loss


class _Handle:
    """A folder that is kept open, by its number."""

    def __init__(self, folder: Path) -> None:
        self.number = os.open(folder, os.O_RDONLY)
        self.close = weakref.finalize(self, os.close, self.number)


class FileFolder:
    """Files of one kind in a folder of their own.

    Args:
        folder: created with mode 0700.
        suffix: how their names end.
        what: how messages call the folder ("The picture folder").

    Raises:
        StoreError: here and in every method, when the folder cannot be used; the sentence says why and what to do.
    """

    def __init__(self, folder: str | Path, suffix: str, what: str) -> None:
        self._suffix = suffix
        self._half_written = f"{suffix}.part"
        self._what = what
        self._opening = threading.Lock()
        self.folder = absolute(folder)
        self._open()

    def unfinished(self) -> dict[Path, int]:
        """Files that a killed process left half written, an hour ago at least, with their bytes."""
        with self._in_words():
            return settled_files(self.folder, self._half_written, SETTLED)

    def drop_unfinished(self) -> int:
        """Deletes them and returns how many there were; safe while others write, and from several processes."""
        with self._in_words():
            return drop_unfinished(self.folder, self._half_written)

    def watch(self) -> None:
        """Makes the folder anew where it was deleted, and writes that down; every write does so, too.

        Raises:
            StoreError: it cannot be made.
        """
        with self._in_words(), self._opening:
            state = os.fstat(self._handle.number)
            if identity(self.folder) == (state.st_dev, state.st_ino):
                return
            lost = self._handle  # as long as it is open, no other folder has its number
            self._open()
            with alone(self.folder):
                note_loss(self.folder, (state.st_dev, state.st_ino))
            lost.close()

    def _open(self) -> None:
        self.folder = private_folder(self.folder, f"*{self._suffix}*", self._what)
        with self._in_words():
            self._handle = _Handle(self.folder)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{self._suffix}"

    def _write(self, path: Path, data: bytes) -> None:
        self.watch()
        with self._in_words():
            write_whole(path, data, self._half_written)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise store_error(error, f"{self._what} {self.folder}") from error
