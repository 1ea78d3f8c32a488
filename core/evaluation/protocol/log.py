"""What of a data set is measured already: one line of JSON for each question, so that a killed run goes on.

The first line names what the others were measured with. Each line is written at once and to its end; one that was cut
off by a kill or a full disk is dropped when the file is opened again, and its question is asked again.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

from core.errors import InputError

_BREAK = b"\n"


class EntryLog:
    """The entries of one plan on one data set with one model, in a file; open it in a `with`.

    Args:
        folder: where the file is, or will be.
        key: as of `core.evaluation.protocol.plan.Plan.key`; other keys have other files.
        about: what stands in the first line, for people.
    """

    def __init__(self, folder: Path, key: str, about: dict[str, Any]) -> None:
        self.path = folder / f"entries-{key}.jsonl"
        self._head = json.dumps({"key": key} | about).encode() + _BREAK
        self._key = key
        self._file: BinaryIO | None = None
        self.done: set[int] = set()

    def __enter__(self) -> "EntryLog":
        """Opens or makes the file, and reads which questions it holds.

        Raises:
            InputError: another run writes it now, or it is none of these.
            OSError: it cannot be read or written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
        try:
            self._take()
        except BaseException:
            self._file.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, entry: dict[str, Any]) -> None:
        """Writes an entry down, so that it outlives this process."""
        self._file.write(json.dumps(entry, allow_nan=False).encode() + _BREAK)
        self._file.flush()
        self.done.add(entry["number"])

    def entries(self) -> Iterator[dict[str, Any]]:
        """Every entry, read from the file one by one, in the order of the data set as far as one process wrote it."""
        with self.path.open("rb") as file:
            file.readline()
            for line in file:
                yield json.loads(line)

    def _take(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(
                f"Another run is measuring the same into {self.path.parent}. Wait for it, or choose another folder."
            ) from None
        head = self._file.readline()
        if not head.endswith(_BREAK):  # new, or cut off before anything was measured
            self._file.seek(0)
            self._file.truncate()
            self._file.write(self._head)
            self._file.flush()
            return
        if _number_or_key(head, "key") != self._key:
            raise InputError(f"{self.path} holds something else. Move it away, or choose another folder.")
        whole = self._file.tell()
        for line in self._file:
            number = _number_or_key(line, "number") if line.endswith(_BREAK) else None
            if not isinstance(number, int):
                break  # cut off: whatever follows is of no use either
            self.done.add(number)
            whole += len(line)
        self._file.seek(whole)
        self._file.truncate()


def _number_or_key(line: bytes, name: str) -> Any:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value.get(name) if isinstance(value, dict) else None
