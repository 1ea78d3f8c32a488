"""Reports of people's own data that the command line shared with this server; read with distrust, and kept while equal.

`python -m core evaluate --data ... --share FOLDER` writes them whole.
"""

import logging
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.evaluation.protocol.report import FOLDER, LARGEST, read_report

logger = logging.getLogger(__name__)

MOST = 20
"""Reports of one model that are shown, the newest ones."""


@dataclass(frozen=True)
class Evaluations:
    """What there is of one model.

    Attributes:
        reports: as of `core.evaluation.protocol.report.read_report`, the newest first.
        unreadable: how many files could not be read.
    """

    reports: tuple[dict[str, Any], ...] = ()
    unreadable: int = 0


def evaluations_folder(folder: Path) -> Path:
    """Where they are in a data folder."""
    return folder / FOLDER


def read_evaluations(folder: Path, model: str) -> Evaluations:
    """Those of the model with this fingerprint in a data folder.

    Args:
        model: its fingerprint; what is no fingerprint has none.
    """
    if not model.isalnum():
        return Evaluations()
    reports, unreadable = [], 0
    for file, when, size in _files(evaluations_folder(folder), f"{model[:16]}-*.json")[:MOST]:
        report = _read(file, when, size)
        if report is None:
            unreadable += 1
        elif report["model"]["fingerprint"] == model:
            reports.append(report)
    return Evaluations(tuple(reports), unreadable)


def _files(folder: Path, pattern: str) -> list[tuple[Path, int, int]]:
    """(file, when it was written in nanoseconds, bytes) of each, the newest first."""
    try:
        found = [(file, file.lstat()) for file in folder.glob(pattern)]
    except OSError:
        return []
    plain = [(file, about.st_mtime_ns, about.st_size) for file, about in found if stat.S_ISREG(about.st_mode)]
    return sorted(plain, key=lambda each: (-each[1], each[0].name))


@lru_cache(maxsize=64)
def _read(file: Path, when: int, size: int) -> dict[str, Any] | None:
    """The report in a file that was written then; None where there is none."""
    try:
        with file.open("rb") as opened:
            return read_report(opened.read(LARGEST + 1))
    except (OSError, InputError) as error:
        logger.warning("%s is no report of an evaluation: %s", file, error)
        return None
