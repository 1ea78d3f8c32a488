"""A folder of small files of one kind, each written whole: what is half written, and failures in words."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cache.errors import store_error
from cache.files.folders import SETTLED, drop_unfinished, private_folder, settled_files, write_whole


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
        self.folder = private_folder(folder, f"*{suffix}*", what)
        self._suffix = suffix
        self._half_written = f"{suffix}.part"
        self._what = what

    def unfinished(self) -> dict[Path, int]:
        """Files that a killed process left half written, an hour ago at least, with their bytes."""
        with self._in_words():
            return settled_files(self.folder, self._half_written, SETTLED)

    def drop_unfinished(self) -> int:
        """Deletes them and returns how many there were; safe while others write, and from several processes."""
        with self._in_words():
            return drop_unfinished(self.folder, self._half_written)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{self._suffix}"

    def _write(self, path: Path, data: bytes) -> None:
        with self._in_words():
            write_whole(path, data, self._half_written)

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise store_error(error, f"{self._what} {self.folder}") from error
