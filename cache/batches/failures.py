"""Why rows of batches failed: a line for each failure in a file beside the batch, so that no restart forgets it.

A row that has its run since then has not failed; who reads this looks there first.
"""

import json
import os
from contextlib import suppress
from pathlib import Path

from cache.errors import store_error

SUFFIX = ".batch.failed"
_LONGEST = 1_000
_MOST_BYTES = 16 * 2**20
"""Beyond this nobody reads on: the file is begun anew."""


def note_failure(folder: Path, batch: str, row: int, problem: str) -> None:
    """Writes down why a row of a batch failed; safe from several processes at once.

    Args:
        folder: of the batches.
        batch: its name.
        row: its `cache.batches.batch.Row.number`.
        problem: a sentence for people.

    Raises:
        StoreError: it cannot be written.
    """
    path = _path(folder, batch)
    # One write that appends: others' lines stay whole. What a killed process left half written ends at the first
    # newline.
    line = f"\n{json.dumps([row, problem[:_LONGEST]])}\n".encode()
    try:
        with suppress(FileNotFoundError):
            if path.stat().st_size > _MOST_BYTES:
                path.unlink()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(handle, line)
        finally:
            os.close(handle)
    except OSError as error:
        raise store_error(error, f"The batch folder {folder}") from error


def failures(folder: Path, batch: str) -> dict[int, str]:
    """Why rows failed the last time that they did, by their numbers; lines that cannot be read are left out.

    Raises:
        StoreError: the file cannot be read.
    """
    try:
        lines = _path(folder, batch).read_bytes().splitlines()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise store_error(error, f"The batch folder {folder}") from error
    found = {}
    for line in filter(None, lines):
        with suppress(ValueError, TypeError):
            row, problem = json.loads(line)
            if isinstance(row, int) and isinstance(problem, str):
                found[row] = problem
    return found


def _path(folder: Path, batch: str) -> Path:
    return folder / f"{batch}{SUFFIX}"
