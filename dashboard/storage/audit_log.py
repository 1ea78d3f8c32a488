"""The audit log: who signed in, deleted, cancelled or changed who sees a run, a line of JSON each.

Lines are only ever added.
"""

import fcntl
import json
import logging
import os
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from cache import StoreError
from cache.files.folders import private_folder
from cache.files.losses import note_loss

logger = logging.getLogger(__name__)

FILE = "audit.jsonl"
LARGEST = 5 * 2**20
"""Bytes after which a new file is begun."""
KEPT = 20
"""Full files that are kept, the latest; the one before them goes."""


class AuditLog:
    """The audit log in a folder of its own, which several servers may share.

    Args:
        folder: created with mode 0700 at the first line.
    """

    def __init__(self, folder: Path, *, largest: int = LARGEST, kept: int = KEPT) -> None:
        self._folder, self._largest, self._kept = folder, largest, kept
        # Of its own: what goes to the server's log, and how, is nobody's business here.
        self._log = logging.Logger("audit", logging.INFO)

    @property
    def path(self) -> Path:
        """The file that is written to."""
        return self._folder / FILE

    def write(self, action: str, who: str, **about: Any) -> None:
        """Adds a line. What cannot be written is said in the server's log, and stops nobody.

        Args:
            action: what was done, in a word.
            who: the person's name; "" where nobody is told apart.
            about: what it was done to: names of runs and people, never anybody's text or secrets.
        """
        moment = datetime.now(UTC).isoformat(timespec="milliseconds")
        # ASCII: no line break, control or bidirectional character of a name reaches whoever reads the file.
        line = json.dumps({"time": moment, "action": action, "who": who, **about}, ensure_ascii=True)
        try:
            if not self._log.handlers or not self._folder.is_dir():
                private_folder(self._folder, f"{FILE}*", "The audit log")
            if not self._log.handlers:
                self._log.addHandler(_Lines(self.path, self._largest, self._kept))
            self._log.info("%s", line)
        except (OSError, StoreError) as error:
            logger.error("A line of the audit log could not be written (%s): %s", error, line)

    def latest(self, count: int) -> list[Mapping[str, Any]]:
        """The last lines, the latest first; unreadable ones are left out."""
        lines: deque[str] = deque(maxlen=count)
        for path in (self.path.with_name(f"{FILE}.1"), self.path):
            with suppress(OSError), path.open(encoding="ascii", errors="replace") as file:
                lines.extend(file)
        found = []
        for line in reversed(lines):
            with suppress(ValueError, RecursionError):
                read = json.loads(line)
                found += [read] if isinstance(read, dict) else []
        return found


def unreadable_lines(folder: Path) -> list[str]:
    """The file and number of each line of an audit log that is no line of ours, in every file that is kept."""
    found = []
    for path in sorted(folder.glob(f"{FILE}*")):
        with suppress(OSError), path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    sound = isinstance(json.loads(line), dict)
                except (ValueError, RecursionError):
                    sound = False
                if not sound:
                    found.append(f"{path.name} line {number}")
    return found


class _Lines(RotatingFileHandler):
    """Rotation among several processes: one writes at a time, and sees when another has begun a new file."""

    def __init__(self, path: Path, largest: int, kept: int) -> None:
        super().__init__(path, maxBytes=largest, backupCount=kept, encoding="ascii", delay=True)

    def _open(self):
        return open(self.baseFilename, self.mode, encoding=self.encoding, opener=_owner_only)

    def emit(self, record: logging.LogRecord) -> None:
        handle = os.open(Path(self.baseFilename).parent, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if self.stream is not None and not self._is_current():
                state = os.fstat(self.stream.fileno())
                if state.st_nlink == 0:  # else another process has begun a new file, and this one is kept
                    note_loss(Path(self.baseFilename).parent, (state.st_dev, state.st_ino))
                self.stream.close()
                self.stream = None
            super().emit(record)
        finally:
            os.close(handle)

    def _is_current(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self.stream.fileno()), os.stat(self.baseFilename))
        except FileNotFoundError:
            return False

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name that logging calls
        raise  # noqa: PLE0704 - within its except clause: `AuditLog.write` says what was lost


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
