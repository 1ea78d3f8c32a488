"""A model of the hub while it is fetched for pages: how far it is, who waits for it, and stopping it."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from core import Cancelled, ModelError, Progress
from core.models.checkpoints import ModelCard


class DownloadStopped(ModelError):
    """A model was being fetched, and nobody wanted it any more. It is fetched again only when somebody says so."""


@dataclass(frozen=True)
class DownloadState:
    """A download as it stood when it was looked at.

    Attributes:
        done, total: bytes of what had to be fetched; 0 and 0 before that is known.
        others: how many other pages wait for it.
        stopping: whether it was stopped and ends in a moment.
    """

    done: int
    total: int
    others: int
    stopping: bool


class ModelDownload:
    """Fetches in a thread of its own. Every method may be called from any thread; only `card` waits.

    Args:
        fetch: fetches and describes the model; it is given what hears of its progress, and lets what that raises pass.
    """

    def __init__(self, fetch: Callable[[Callable[[Progress], None]], ModelCard]) -> None:
        self._fetch = fetch
        self._card: Future[ModelCard] = Future()
        self._stopping = threading.Event()
        self._progress = Progress("fetch", 0, 0)
        self._ended = 0.0
        self.waiters: set[str] = set()
        # Daemon: a server that is told to stop does not wait for it; the process that fetches notices.
        threading.Thread(target=self._run, name="fetch-model", daemon=True).start()

    @property
    def is_over(self) -> bool:
        """Whether it is there, failed or stopped."""
        return self._card.done()

    def is_older(self, seconds: float) -> bool:
        """Whether it was over, and not by being stopped, so many seconds ago: what it found may have changed since."""
        if not self.is_over or isinstance(self._card.exception(), DownloadStopped):
            return False
        return time.monotonic() - self._ended >= seconds

    def card(self, patience: float) -> ModelCard | None:
        """The model, None where it is not there after so many seconds.

        Raises:
            DownloadStopped: it was stopped.
            Exception: whatever else `fetch` raised.
        """
        try:
            return self._card.result(patience)
        except TimeoutError:
            if self.is_over:  # it was raised by the work
                raise
            return None

    def state(self, waiter: str) -> DownloadState:
        """How far it is, for one of those who wait."""
        progress = self._progress
        others = len(self.waiters - {waiter})
        return DownloadState(progress.done, progress.total, others, self._stopping.is_set())

    def stop(self) -> None:
        """Ends it at its next report, within a second or so; what has come stays."""
        self._stopping.set()

    def _run(self) -> None:
        try:
            card, problem = self._fetch(self._report), None
        except Cancelled:
            card, problem = None, DownloadStopped("The download was stopped. What has come of it is kept.")
        except BaseException as error:
            card, problem = None, error
        self._ended = time.monotonic()
        if problem is None:
            self._card.set_result(card)
        else:
            self._card.set_exception(problem)

    def _report(self, progress: Progress) -> None:
        self._progress = progress
        if self._stopping.is_set():
            raise Cancelled("The download was stopped.")
