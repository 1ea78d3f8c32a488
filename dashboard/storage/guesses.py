"""What a server has learned to guess by, as JSON in a file of the data folder; losing it costs a guess and no more."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from cache.files.folders import write_whole


def read_guesses(file: Path | None) -> dict[str, Any]:
    """What was learned, with whatever values stand there; nothing where no file can be read."""
    if file is None:
        return {}
    try:
        read = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def write_guesses(file: Path | None, learned: dict[str, Any]) -> None:
    """Writes it whole; where that cannot be done, the file stays as it is."""
    if file is not None:
        with suppress(OSError):
            write_whole(file, json.dumps(learned).encode("ascii"), f"{file.name}.part")
