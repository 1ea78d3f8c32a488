"""Batches as small files of their own that never change."""

import json
import re
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from cache.batches.batch import Batch, Row
from cache.errors import store_error
from cache.files.folders import drop_unfinished, private_folder, settled_files, write_whole
from core.errors import ExplainError
from core.schema import ExplainRequest

_ID = re.compile(r"[0-9a-f]{16}")
_SUFFIX = ".batch"
_UNFINISHED = f"{_SUFFIX}.part"
_MOST_BYTES = 64 * 2**20


class BatchFolder:
    """Batches as files of their own, named by their content.

    Args:
        folder: created with mode 0700.

    Raises:
        StoreError: the folder cannot be used; the sentence says why and what to do.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = private_folder(folder, f"*{_SUFFIX}*", "The batch folder")
        self._owners: dict[str, str] = {}  # of files that were read; they never change

    def put(self, batch: Batch) -> None:
        """Stores a batch; one that is there already stays as it is.

        Raises:
            StoreError: it cannot be written; nothing is left behind.
        """
        path = self.folder / f"{batch.id}{_SUFFIX}"
        content = {
            "created": batch.created,
            "who": batch.who,
            "private": batch.private,
            "template": batch.template.to_dict(),
            "rows": [list(asdict(row).values()) for row in batch.rows],
        }
        try:
            if not path.exists():
                write_whole(path, json.dumps(content).encode(), _UNFINISHED)
        except OSError as error:
            raise store_error(error, f"The batch folder {self.folder}") from error

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
        try:
            path = self.folder / f"{name}{_SUFFIX}"
            data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
        except FileNotFoundError:
            return None
        except OSError as error:
            raise store_error(error, f"The batch folder {self.folder}") from error
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
        try:
            named = sorted(((path.stat().st_mtime, path) for path in self.folder.glob(f"*{_SUFFIX}")), reverse=True)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise store_error(error, f"The batch folder {self.folder}") from error
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
        try:
            for path in self.folder.glob(f"*{_SUFFIX}"):
                if path.stat().st_mtime >= since:
                    batch = self._read(path.name.removesuffix(_SUFFIX))
                    found |= {row.image for row in batch.rows} if batch is not None else set()
        except OSError as error:
            raise store_error(error, f"The batch folder {self.folder}") from error
        return found

    def unfinished(self) -> dict[Path, int]:
        """Files that a killed process left half written, an hour ago at least, with their bytes.

        Raises:
            StoreError: the folder cannot be read.
        """
        try:
            return settled_files(self.folder, _UNFINISHED)
        except OSError as error:
            raise store_error(error, f"The batch folder {self.folder}") from error

    def drop_unfinished(self) -> int:
        """Deletes them and returns how many there were; safe while others write, and from several processes.

        Raises:
            StoreError: one cannot be deleted.
        """
        try:
            return drop_unfinished(self.folder, _UNFINISHED)
        except OSError as error:
            raise store_error(error, f"The batch folder {self.folder}") from error
