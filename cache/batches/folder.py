"""Batches as small files of their own that never change."""

import json
import re
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from cache.batches.batch import Batch, Row
from cache.files.file_folder import FileFolder
from core.errors import ExplainError
from core.schema import ExplainRequest

_ID = re.compile(r"[0-9a-f]{16}")
_SUFFIX = ".batch"
_MOST_BYTES = 64 * 2**20


class BatchFolder(FileFolder):
    """Batches as files of their own, named by their content.

    Args:
        folder: created with mode 0700.

    Raises:
        StoreError: the folder cannot be used; the sentence says why and what to do.
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__(folder, _SUFFIX, "The batch folder")
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
            "rows": [list(asdict(row).values()) for row in batch.rows],
        }
        with self._in_words():
            if not path.exists():
                self._write(path, json.dumps(content).encode())

    def get(self, name: str, viewer: str = "", *, everybodys: bool = False) -> Batch | None:
        """The batch that an address names, or None; a damaged file is none.

        Args:
            viewer: who looks. Others' private batches are not there, except with
            everybodys: for those who may see all.

        Raises:
            StoreError: it cannot be read.
        """
        batch = self._read(name)
        return batch if batch is not None and (everybodys or batch.private_to in ("", viewer)) else None

    def _read(self, name: str) -> Batch | None:
        if not isinstance(name, str) or not _ID.fullmatch(name):
            return None
        path = self._path(name)
        with self._in_words():
            try:
                data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
            except FileNotFoundError:
                return None
        try:
            values = json.loads(data)
            rows = tuple(Row(*row) for row in values["rows"])
            template = ExplainRequest.from_dict(values["template"])
            batch = Batch(values["created"], template, rows, values["who"], values.get("private", False))
            if not rows or batch.id != name or not batch.requests:
                return None
        except (ExplainError, KeyError, TypeError, ValueError, AttributeError):
            return None
        self._owners[name] = batch.private_to
        return batch

    def latest(self, limit: int, viewer: str = "") -> list[Batch]:
        """The batches that were asked last, latest first.

        Args:
            viewer: see `get`.

        Raises:
            StoreError: the folder cannot be read.
        """
        with self._in_words():
            try:
                named = sorted(((path.stat().st_mtime, path) for path in self.folder.glob(f"*{_SUFFIX}")), reverse=True)
            except FileNotFoundError:
                return []
        names = (path.name.removesuffix(_SUFFIX) for _, path in named)
        shown = (name for name in names if self._owners.get(name, "") in ("", viewer))
        found = (self.get(name, viewer) for name in shown)
        return list(islice((batch for batch in found if batch is not None), limit))

    def pictures(self, since: float) -> set[str]:
        """The pictures of batches that were asked after that time, in seconds since 1970.

        Raises:
            StoreError: the folder cannot be read.
        """
        found: set[str] = set()
        with self._in_words():
            for path in self.folder.glob(f"*{_SUFFIX}"):
                if path.stat().st_mtime >= since:
                    batch = self._read(path.name.removesuffix(_SUFFIX))
                    found |= {row.image for row in batch.rows} if batch is not None else set()
        return found
