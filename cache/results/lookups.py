"""How often what was asked for was stored: counted in memory, added up on disk now and then, over all processes."""

import atexit
import logging
import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakSet

from cache.files.sqlite import existing, read_only

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 60.0
"""Look-ups write at most so often, and when the process ends; what a killed one counted since then is lost."""

# Longer than a put holds the lock; who waits that long in vain tries again later.
_PATIENCE = 0.1
_CREATE = "CREATE TABLE IF NOT EXISTS Lookups (outcome TEXT PRIMARY KEY, count INTEGER NOT NULL)"
_ADD = "INSERT INTO Lookups VALUES (?, ?) ON CONFLICT (outcome) DO UPDATE SET count = count + excluded.count"


@dataclass(frozen=True)
class Lookups:
    """Questions that were looked up.

    Attributes:
        hits: whose result was stored, all of it.
        misses: for which something had to be computed.
    """

    hits: int = 0
    misses: int = 0

    @property
    def rate(self) -> float | None:
        """The share of hits; None before the first look-up."""
        total = self.hits + self.misses
        return self.hits / total if total else None


class LookupCounter:
    """Counts look-ups of one database's store; safe to share between threads.

    Args:
        database: the SQLite file, which must be there for counts to be kept.
    """

    def __init__(self, database: Path) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._pending: Counter[str] = Counter()
        self._flushed = time.monotonic()
        _counters.add(self)

    def count(self, hit: bool) -> None:
        """One look-up. Takes a microsecond, except that once a minute it writes."""
        with self._lock:
            self._pending["hit" if hit else "miss"] += 1
            due = time.monotonic() - self._flushed > FLUSH_SECONDS
        if due:
            self.flush()

    def flush(self) -> None:
        """Writes what was counted since; where the database is busy or broken, it stays for the next time."""
        with self._lock:
            self._flushed = time.monotonic()
            if not self._pending:
                return
            try:
                # Not for long, and never to create a database: a connection of its own outlives no other file.
                with closing(existing(self._database, _PATIENCE)) as connection, connection:
                    connection.execute("BEGIN IMMEDIATE")
                    connection.execute(_CREATE)
                    connection.executemany(_ADD, list(self._pending.items()))
            except sqlite3.Error as error:
                logger.info("The look-ups were not written yet: %s.", error)
            else:
                self._pending.clear()

    def read(self) -> Lookups:
        """All that was ever counted, by every process that has written its share."""
        stored = read_lookups(self._database)
        with self._lock:
            return Lookups(stored.hits + self._pending["hit"], stored.misses + self._pending["miss"])


_counters: WeakSet[LookupCounter] = WeakSet()


@atexit.register
def flush_all() -> None:
    """Writes what every counter of this process has counted since; for the end of a process.

    One that ends by a signal, as servers do, has to call this itself.
    """
    for counter in list(_counters):
        counter.flush()


def read_lookups(database: Path) -> Lookups:
    """What was written of look-ups; none where nothing can be read."""
    try:
        with closing(read_only(database, _PATIENCE)) as connection:
            counts = dict(connection.execute("SELECT outcome, count FROM Lookups").fetchall())
            return Lookups(int(counts.get("hit", 0)), int(counts.get("miss", 0)))
    except (sqlite3.Error, TypeError, ValueError):
        return Lookups()  # no such table yet, or no database
