"""What a server does before anybody asks: its workers load the default model, and there is a run to look at."""

import logging
import threading
import time

from core.errors import ExplainError
from dashboard import resources
from dashboard.jobs import device_speed
from dashboard.jobs.backends import WorkerBackend
from dashboard.jobs.sample_scenes import nothing_was_run, sample_question

logger = logging.getLogger(__name__)

WAITER = "the server itself"
"""Who waits for the sample run: nobody, so that whoever joins it may cancel it."""

PAUSE = 1.0
"""Seconds between two looks at whether nothing is computed."""


class Preload:
    """Loads in a thread of its own, unless the settings say not to or the server's own process computes."""

    def __init__(self) -> None:
        self._ending = threading.Event()
        # Daemon: a server that is told to stop does not wait for it.
        self._thread = threading.Thread(target=self._run, name="preload", daemon=True)

    def start(self) -> bool:
        """Begins; returns whether there is anything to do."""
        settings = resources.settings()
        wanted = settings.preload and (settings.workers != 0 or settings.scheduler is not None)
        if wanted:
            self._thread.start()
        return wanted

    def stop(self) -> None:
        """From now on, that it cannot be done is no failure: the workers end with the server."""
        self._ending.set()

    def join(self) -> None:
        """Waits for its end."""
        self._thread.join()

    def _run(self) -> None:
        try:
            preload()
        except Exception as error:
            if self._ending.is_set():
                return
            if isinstance(error, ExplainError):  # the first run tries again, and says so on its page
                logger.warning("The default model could not be loaded beforehand: %s", error)
            else:
                logger.exception("Loading the default model beforehand failed.")


def preload() -> None:
    """Loads the default model on every worker; on a server where nothing was ever run, asks the sample question.

    Then the device is measured, so that what other models will take can be said.

    Raises:
        ExplainError: the data folder, the model or the workers cannot be used.
    """
    card = resources.catalogue().describe(resources.settings().choices[0])
    backend = resources.backend()
    if isinstance(backend, WorkerBackend):
        backend.load(card)
    # Only now: whoever comes meanwhile with a question of their own is not to wait for this one.
    if nothing_was_run(resources.storage()):
        resources.jobs().submit(sample_question(card), WAITER)
    while resources.jobs().active():  # nor for this one
        time.sleep(PAUSE)
    device_speed.measure(backend, card, resources.storage().rates)
