"""What keeps a data folder in order while a server runs: one thread, in short steps, so that nobody waits for it.

Several servers may share the folder: each step is safe in all of them, and what must not be done twice at once is held
by a lock that ends with its process. A kill loses nothing; the next round goes on.
"""

import logging
import math
import threading
import time
from collections.abc import Callable

from cache import StoreError
from cache.files.sqlite import empty_log
from core import temporary
from dashboard.storage.data_folder import Storage, count_stored, history_file, jobs_file
from dashboard.storage.unreadable import scan

logger = logging.getLogger(__name__)

EVERY = 60.0
"""Seconds between two rounds."""
TIDY_EVERY = 3600.0
"""Seconds between two looks for what killed processes left: what may stay for a day must be old enough at one."""
SCAN_EVERY = 6 * 3600.0
"""Seconds between two readings of everything, for rows that cannot be read."""
EMPTY_EVERY = 1.0
"""Seconds between two times that the databases' logs are emptied, within a round: counting writes some 20 MB meanwhile,
and at `cache.files.sqlite.LONGEST_LOG` a page would have to wait for it."""
SHARE = 0.5
"""Of the time that a round takes, it computes for so much and leaves the rest to pages."""


class Upkeep:
    """Looks after the data folder until it is stopped.

    Args:
        open_storage: gives the storage; called in the thread, again where it fails.
    """

    def __init__(self, open_storage: Callable[[], Storage], every: float = EVERY) -> None:
        self._open_storage, self._every = open_storage, every
        self._stopped = threading.Event()
        self._step_began = self._emptied = 0.0
        self._done: dict[str, float] = {}
        self._thread = threading.Thread(target=self._run, name="upkeep", daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self, patience: float = 5.0) -> None:
        """Ends after the step that is under way; waits for so many seconds at most."""
        self._stopped.set()
        self._thread.join(patience)

    def round(self) -> None:
        """Everything once: what is too old, sizes and, now and then, leftovers and unreadable rows.

        Raises:
            StoreError: a part cannot be used; the next round tries again.
        """
        storage = self._open_storage()
        self._step_began = time.monotonic()
        storage.keep_claim()
        problems = []
        for step in (Storage.watch_folders, self._count, self._tidy, self._scan):
            try:
                step(storage)  # one that fails keeps no other from being taken
            except StoreError as error:
                problems.append(error)
        if problems:
            raise problems[0]

    def _count(self, storage: Storage) -> None:
        count_stored(storage, self._between)
        self._empty_logs()

    def _tidy(self, storage: Storage) -> None:
        if self._is_due("tidy", TIDY_EVERY):
            temporary.refresh()
            temporary.sweep()
            storage.drop_unfinished()
            self._done["tidy"] = time.monotonic()

    def _scan(self, storage: Storage) -> None:
        if self._is_due("scan", SCAN_EVERY):
            storage.note_unreadable(scan(storage.folder, self._between))
            self._done["scan"] = time.monotonic()

    def _is_due(self, what: str, every: float) -> bool:
        """Whether something has not been done for so many seconds."""
        return time.monotonic() - self._done.get(what, -math.inf) > every

    def _empty_logs(self) -> None:
        """By this thread, which has no lock that a page waits for: it waits for the disk."""
        self._emptied = self._step_began
        storage = self._open_storage()
        for file in (history_file(storage.folder), jobs_file(storage.folder)):
            empty_log(file, f"The log of {file}")

    def _run(self) -> None:
        said = ""
        while not self._stopped.is_set():
            try:
                self.round()
                said = ""
            except _Stopped:
                return
            except StoreError as error:
                if str(error) != said:  # once, not every minute
                    logger.warning("The data folder could not be looked after: %s", error)
                said = str(error)
            except Exception:
                logger.exception("Looking after the data folder failed.")
            self._stopped.wait(self._every)

    def _between(self) -> None:
        """Leaves time to others after a step; ends the round when the server does."""
        took = time.monotonic() - self._step_began
        if self._step_began - self._emptied > EMPTY_EVERY:
            self._empty_logs()
        if self._stopped.wait(min(1.0, took * (1 - SHARE) / SHARE)):
            raise _Stopped
        self._step_began = time.monotonic()


class _Stopped(Exception):  # noqa: N818 - ends a round, is no error
    pass
