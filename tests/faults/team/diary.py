"""What happened while a team worked: written by many threads, read when it is over."""

import statistics
import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.visitors import Seen

EXPECTED = (
    "Every process that began with this ended",
    "The process that computes ended",
    "The processes that compute ended",
    "The connection to the processes that compute was lost",
)
"""How sentences begin that are true when processes are killed."""


@dataclass
class Diary:
    """What happened; shared by all threads.

    Attributes:
        counts: of pages, runs, cancels, kills...
        problems: what was shown as an error and should not have been.
        seconds: action -> of each page run.
        asked: runs that somebody asked for and whose name they were told.
        given_up: of these, those that were cancelled, or that ended with a sentence that is true.
        memory: (bytes of the server, of all its workers) now and then while the last server lived.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    counts: Counter = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    asked: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)
    memory: list[tuple[int, int]] = field(default_factory=list)

    def note(self, action: str, seen: Seen) -> Seen:
        """Enters a page that was run."""
        with self.lock:
            self.counts["page runs"] += 1
            self.seconds[action].append(seen.seconds)
            for problem in seen.problems:
                if problem.startswith(EXPECTED):
                    self.counts["expected sentences"] += 1
                    self.given_up.add(seen.run)
                else:
                    self.problems.append(f"{seen.page}: {problem}")
        return seen

    def add(self, what: str) -> None:
        """Counts something."""
        with self.lock:
            self.counts[what] += 1

    def complain(self, problem: str) -> None:
        """Something that should not have been."""
        with self.lock:
            self.problems.append(problem)

    @property
    def all_seconds(self) -> list[float]:
        """Of each page run, whatever was done."""
        return [each for action in self.seconds.values() for each in action]


def percentile(seconds: list[float], percent: int) -> float:
    """The percentile of a list, which may be short; NaN of none."""
    if len(seconds) < 2:
        return seconds[0] if seconds else float("nan")
    return statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1]
