"""How diskcache lays keys and values down here: text keys, bytes values, and never a pickle.

diskcache pickles whatever it does not know, on the way in and, worse, on the way out: whoever can
write to the folder runs code in the server (CVE-2025-69872; no release fixes it). This `Disk` has
no path to pickle in either direction, and believes no file name that it reads.
"""

import logging
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import DBNAME, MODE_BINARY, MODE_RAW, UNKNOWN

from cache.errors import CorruptEntry, brief
from cache.results.codec import MAX_ENTRY_BYTES

_LONGEST_NAME = 255

logger = logging.getLogger(__name__)


class BytesDisk(diskcache.Disk):
    """Text keys, bytes values; everything else is refused."""

    def put(self, key: str) -> tuple[str, bool]:
        """The database form of a key.

        Raises:
            TypeError: the key is not text.
        """
        if type(key) is not str:
            raise TypeError(f"a key is text, not {type(key).__name__}")
        return key, True

    def get(self, key: Any, raw: bool) -> str:
        """The key of a database row.

        Raises:
            CorruptEntry: the row's key is not plain text, so not ours.
        """
        if not raw or type(key) is not str:
            raise CorruptEntry("its key is not text")
        return key

    def store(self, value: bytes, read: bool, key: Any = UNKNOWN) -> tuple[int, int, str | None, Any]:
        """The database columns (size, mode, file name, value) of a value.

        Raises:
            TypeError: the value is not bytes.
        """
        if read or type(value) is not bytes:
            raise TypeError(f"a value is bytes, not {type(value).__name__}")
        return super().store(value, False, key=key)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> bytes:
        """The value of a database row.

        Raises:
            CorruptEntry: the row is of another mode (a pickle, text), or its file lies outside the
                folder, is no plain file or is too large.
            OSError: the file has gone, which diskcache treats as a miss.
        """
        if mode == MODE_RAW and type(value) is bytes and not read:
            return value
        if mode != MODE_BINARY or read:
            raise CorruptEntry(f"its storage mode {brief(mode)} is refused")
        path = self._inside(filename)
        if path is None:
            raise CorruptEntry(f"its file name {brief(filename)} leaves the folder")
        if path.exists() and not path.is_file():
            raise CorruptEntry("its value is no plain file")
        with path.open("rb") as file:
            data = file.read(MAX_ENTRY_BYTES + 1)
        if len(data) > MAX_ENTRY_BYTES:
            raise CorruptEntry(f"its file is larger than {MAX_ENTRY_BYTES:,} bytes")
        return data

    def remove(self, file_path: str) -> None:
        """Deletes a value file; a planted name that leaves the folder is left alone."""
        if self._inside(file_path) is None:
            # Whoever reads such an entry has said so already.
            logger.info("A stored file name leaves the folder and is not deleted: %s.", brief(file_path))
            return
        super().remove(file_path)

    def _inside(self, filename: Any) -> Path | None:
        """The file behind a stored name, or None where it, or a link on the way, leaves the folder or leads nowhere."""
        # Resolving a name of a million dots takes a minute; diskcache's own have 37 characters.
        if type(filename) is not str or "\0" in filename or len(filename) > _LONGEST_NAME:
            return None
        folder = Path(self._directory).resolve()
        try:
            path = (folder / filename).resolve()
        except (OSError, RuntimeError):  # links in a circle
            return None
        return path if path.suffix == ".val" and path.is_relative_to(folder) else None


def describe(folder: Path) -> str:
    """How messages call the store in `folder`."""
    return f"The result store in {folder}"


def results_database(folder: Path) -> Path:
    """The database of the result store in a folder."""
    return folder / DBNAME
