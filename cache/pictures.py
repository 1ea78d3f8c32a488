"""The original pictures, named by the digest of their pixels, so that a run can be opened again."""

import re
import tempfile
from pathlib import Path

from cache.errors import store_error
from cache.files.folders import SETTLED, drop_unfinished, private_folder, settled_files, write_whole
from core.errors import InputError

_DIGEST = re.compile(r"[0-9a-f]{16,128}")
_SUFFIX = ".picture"
_UNFINISHED = f"{_SUFFIX}.part"


class PictureFolder:
    """Files as they were given, one per picture, never evicted.

    The digest is of decoded pixels, not of the file: whoever reads one back decodes it and compares.

    Args:
        folder: a folder of its own, created with mode 0700.

    Raises:
        StoreError: the folder cannot be used; the sentence says why and what to do.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = private_folder(folder, f"*{_SUFFIX}*", "The picture folder")

    def put(self, digest: str, data: bytes) -> None:
        """Stores a picture's file; an older file of the same pixels is replaced.

        Raises:
            InputError: `digest` is not lowercase hex.
            StoreError: it cannot be written; nothing is left behind.
        """
        try:
            write_whole(self._path(digest), data, _UNFINISHED)
        except OSError as error:
            raise store_error(error, f"The picture folder {self.folder}") from error

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
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise store_error(error, f"The picture folder {self.folder}") from error

    def check(self) -> None:
        """Writes a file that vanishes again.

        Raises:
            StoreError: that does not work; the sentence says why.
        """
        try:
            with tempfile.NamedTemporaryFile(dir=self.folder, suffix=_UNFINISHED) as file:
                file.write(b"\0" * 2**16)
                file.flush()
        except OSError as error:
            raise store_error(error, f"The picture folder {self.folder}") from error

    def digests(self) -> dict[str, int]:
        """Every picture that is there, with the bytes of its file.

        Raises:
            StoreError: the folder cannot be read.
        """
        return {path.name.removesuffix(_SUFFIX): size for path, size in self._settled(_SUFFIX, 0.0).items()}

    def orphans(self, named: set[str]) -> dict[str, int]:
        """Pictures that are not among the `named` ones and have been there for an hour, with their bytes.

        A run's picture is stored before its line in the history.
        """
        found = {path.name.removesuffix(_SUFFIX): size for path, size in self._settled(_SUFFIX, SETTLED).items()}
        return {digest: size for digest, size in found.items() if digest not in named}

    def drop(self, digest: str) -> None:
        """Deletes a picture; one that is not there is fine.

        Raises:
            InputError: `digest` is not lowercase hex.
            StoreError: it cannot be deleted.
        """
        path = self._path(digest)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise store_error(error, f"The picture folder {self.folder}") from error

    def unfinished(self) -> dict[Path, int]:
        """Files that a killed process left half written, an hour ago at least, with their bytes."""
        return self._settled(_UNFINISHED, SETTLED)

    def drop_unfinished(self) -> int:
        """Deletes them and returns how many there were; safe while others write, and from several processes."""
        try:
            return drop_unfinished(self.folder, _UNFINISHED)
        except OSError as error:
            raise store_error(error, f"The picture folder {self.folder}") from error

    def _settled(self, suffix: str, age: float) -> dict[Path, int]:
        try:
            return settled_files(self.folder, suffix, age)
        except OSError as error:
            raise store_error(error, f"The picture folder {self.folder}") from error

    def _path(self, digest: str) -> Path:
        # Digests come from addresses too: nothing but hex becomes a file name.
        if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
            raise InputError(f"A picture is named by the hex digest of its pixels, not {digest!r}.")
        return self.folder / f"{digest}{_SUFFIX}"
