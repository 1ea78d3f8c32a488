"""Batches as small files of their own that never change."""

import json
import logging
import os
import re
from contextlib import suppress
from itertools import islice
from pathlib import Path

from cache.batches.batch import Batch, Row
from cache.files.file_folder import FileFolder
from core.errors import ExplainError
from core.schema import ExplainRequest

_ID = re.compile(r"[0-9a-f]{16}")
_SUFFIX = ".batch"
_MOST_BYTES = 64 * 2**20
_LATEST = 253402300799  # the last second of the year 9999

logger = logging.getLogger(__name__)


class BatchFolder(FileFolder):
    """Batches as files of their own, named by their content.

    Args:
        folder: created with mode 0700.

    Attributes:
        unreadable: names of batches whose files were met and are damaged.

    Raises:
        StoreError: the folder cannot be used; the sentence says why and what to do.
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__(folder, _SUFFIX, "The batch folder")
        self.unreadable: set[str] = set()
        self._owners: dict[str, str] = {}  # of files that were read; they never change

    def put(self, batch: Batch) -> None:
        """Stores a batch; one that is there already stays as it is.

        Raises:
            StoreError: it cannot be written; nothing is left behind.
        """
        path = self._path(batch.id)
        content = {
            "created": batch.created,
            "who": batch.who,
            "private": batch.private,
            "template": batch.template.to_dict(),
            "rows": [list(row.to_dict().values()) for row in batch.rows],
        }
        with self._in_words():
            if not path.exists():
                self._write(path, json.dumps(content).encode())

    def get(self, name: str, viewer: str = "", *, everybodys: bool = False) -> Batch | None:
        """The batch that an address names, or None; a damaged file, or what cannot be read, is none.

        Args:
            viewer: who looks. Others' private batches are not there, except with
            everybodys: for those who may see all.
        """
        batch = self._read(name)
        return batch if batch is not None and (everybodys or batch.private_to in ("", viewer)) else None

    def _read(self, name: str) -> Batch | None:
        if not isinstance(name, str) or not _ID.fullmatch(name):
            return None
        path = self._path(name)
        if not os.path.lexists(path):
            return None
        try:
            data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
            values = json.loads(data)
            rows = tuple(Row(*row) for row in values["rows"])
            template = ExplainRequest.from_dict(values["template"])
            batch = Batch(values["created"], template, rows, values["who"], values.get("private", False))
            # The name covers rows and template; the rest can be anything.
            if not rows or batch.id != name or not batch.requests or not _is_sound(batch):
                raise ValueError("it is not what was stored")
        except (OSError, ExplainError, KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            if name not in self.unreadable:
                logger.error("The batch %s cannot be read: %s. It is left out.", path, error)
            self.unreadable.add(name)
            return None
        self.unreadable.discard(name)
        self._owners[name] = batch.private_to
        return batch

    def latest(self, limit: int, viewer: str = "") -> list[Batch]:
        """The batches that were asked last, latest first.

        Args:
            viewer: see `get`.

        Raises:
            StoreError: the folder cannot be read.
        """
        named = sorted(((written, name) for name, written in self._names().items()), reverse=True)
        names = (name for _, name in named)
        shown = (name for name in names if self._owners.get(name, "") in ("", viewer))
        found = (self.get(name, viewer) for name in shown)
        return list(islice((batch for batch in found if batch is not None), limit))

    def read_all(self) -> None:
        """Reads every batch, so that `unreadable` names all that cannot be.

        Raises:
            StoreError: the folder cannot be read.
        """
        for name in self._names():
            self._read(name)

    def pictures(self, since: float) -> set[str]:
        """The pictures of batches that were asked after that time, in seconds since 1970; see `unreadable`, too.

        Raises:
            StoreError: the folder cannot be read.
        """
        batches = [self._read(name) for name, written in self._names().items() if written >= since]
        return {row.image for batch in batches if batch is not None for row in batch.rows}

    def _names(self) -> dict[str, float]:
        """The names of all batches, and when each was written, seconds since 1970."""
        found = {}
        with self._in_words():
            for path in self.folder.glob(f"*{_SUFFIX}"):
                with suppress(FileNotFoundError):  # another process may have deleted it
                    found[path.name.removesuffix(_SUFFIX)] = path.lstat().st_mtime
        return found


def _is_sound(batch: Batch) -> bool:
    of_row = all(
        isinstance(row.number, int)
        and type(row.frames) is int
        and all(isinstance(text, str) for text in (row.name, row.image, row.prompt, row.phrase))
        for row in batch.rows
    )
    moment = isinstance(batch.created, float | int) and 0 <= batch.created <= _LATEST
    return of_row and moment and isinstance(batch.who, str) and isinstance(batch.private, bool)
