"""The original pictures, named by the digest of their pixels, so that a run can be opened again."""

import re
import tempfile
from pathlib import Path

from cache.files.file_folder import FileFolder
from cache.files.folders import SETTLED, settled_files
from core.errors import InputError

_DIGEST = re.compile(r"[0-9a-f]{16,128}")
_SUFFIX = ".picture"


class PictureFolder(FileFolder):
    """Files as they were given, one per picture, never evicted.

    The digest is of decoded pixels, not of the file: whoever reads one back decodes it and compares.

    Args:
        folder: a folder of its own, created with mode 0700.

    Raises:
        StoreError: the folder cannot be used; the sentence says why and what to do.
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__(folder, _SUFFIX, "The picture folder")

    def put(self, digest: str, data: bytes) -> None:
        """Stores a picture's file; an older file of the same pixels is replaced.

        Raises:
            InputError: `digest` is not lowercase hex.
            StoreError: it cannot be written; nothing is left behind.
        """
        self._write(self._path(digest), data)

    def has(self, digest: str) -> bool:
        """Whether there is a file of that picture, whatever is in it.

        Raises:
            InputError: `digest` is not lowercase hex.
        """
        return self._path(digest).exists()

    def get(self, digest: str) -> bytes | None:
        """A picture's file, or None where there is none.

        Raises:
            InputError: `digest` is not lowercase hex.
            StoreError: it cannot be read.
        """
        path = self._path(digest)
        with self._in_words():
            try:
                return path.read_bytes()
            except FileNotFoundError:
                return None

    def check(self) -> None:
        """Writes a file that vanishes again.

        Raises:
            StoreError: that does not work; the sentence says why.
        """
        # Without a name: nothing is left of it, whatever happens meanwhile.
        with self._in_words(), tempfile.TemporaryFile(dir=self.folder) as file:
            file.write(b"\0" * 2**16)
            file.flush()

    def digests(self) -> dict[str, int]:
        """Every picture that is there, with the bytes of its file.

        Raises:
            StoreError: the folder cannot be read.
        """
        return self._settled(0.0)

    def orphans(self, named: set[str]) -> dict[str, int]:
        """Pictures that are not among the `named` ones and have been there for an hour, with their bytes.

        A run's picture is stored before its record in the history.
        """
        return {digest: size for digest, size in self._settled(SETTLED).items() if digest not in named}

    def drop(self, digest: str) -> None:
        """Deletes a picture; one that is not there is fine.

        Raises:
            InputError: `digest` is not lowercase hex.
            StoreError: it cannot be deleted.
        """
        path = self._path(digest)
        with self._in_words():
            path.unlink(missing_ok=True)

    def _settled(self, age: float) -> dict[str, int]:
        with self._in_words():
            found = settled_files(self.folder, _SUFFIX, age)
        return {path.name.removesuffix(_SUFFIX): size for path, size in found.items()}

    def _path(self, digest: str) -> Path:
        # Digests come from addresses too: nothing but hex becomes a file name.
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise InputError(f"A picture is named by the hex digest of its pixels, not {digest!r}.")
        return super()._path(digest)
