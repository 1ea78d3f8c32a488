"""How long what people wait for took last time on this server: starting what computes, loading, answering, a study."""

import threading
from pathlib import Path

from dashboard.storage.guesses import read_guesses, write_guesses

FILE = "stage_times.json"
SHORTEST = 1.0
"""Seconds below which nothing was waited for: the model was there already, say. They tell nothing of the next wait."""
LONGEST = 24 * 3600.0


class StageTimes:
    """The latest times, in memory and, as JSON, in a file; safe to share between threads.

    Args:
        folder: the data folder; None to remember for as long as this process lasts.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._file = None if folder is None else folder / FILE
        self._lock = threading.Lock()
        read = read_guesses(self._file)
        self._seconds = {name: float(seconds) for name, seconds in read.items() if _is_time(seconds)}

    def usual(self, model: str, stage: str) -> float | None:
        """Seconds that something took last time with that model; None where that is not known.

        Args:
            stage: a `core.schema.progress.Stage`, or what a study does, as of `registry.kind_of`.
        """
        return self._seconds.get(_name(model, stage))

    def note(self, model: str, stage: str, seconds: float) -> None:
        """Remembers that it took so long."""
        if not SHORTEST <= seconds <= LONGEST:
            return
        with self._lock:
            self._seconds[_name(model, stage)] = round(seconds, 1)
            write_guesses(self._file, self._seconds)


def _name(model: str, stage: str) -> str:
    # What computes is started before it hears of any model.
    return stage if stage == "start" else f"{stage} {model}"


def _is_time(seconds: object) -> bool:
    return type(seconds) in (int, float) and SHORTEST <= seconds <= LONGEST
