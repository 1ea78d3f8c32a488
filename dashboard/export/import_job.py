"""An import that goes on in a thread of its own, whatever becomes of the page that began it. No Streamlit here."""

import threading

from dashboard.export.bundle_reader import Imported, keep_bundle, read_bundle
from dashboard.language import language, speaking
from dashboard.storage.data_folder import Storage

_TURN = threading.Lock()
"""One import at a time in a process: each may take half a gigabyte."""


class ImportJob:
    """Checks the runs in a ZIP and keeps them; begins at once, or when its turn comes.

    Args:
        data: the ZIP.
        owner: to whom the runs belong from now on.
    """

    def __init__(self, data: bytes, storage: Storage, owner: str) -> None:
        self._done = threading.Event()
        self._outcome: Imported | BaseException | None = None
        self._language = language()  # what is wrong is said to whoever began it
        self.progress = 0.0
        """The share that is done, from 0 to 1."""
        threading.Thread(target=self._work, args=(data, storage, owner), name="import", daemon=True).start()

    def wait(self, seconds: float = 0.0) -> bool:
        """Waits so long for its end at most; whether it has ended."""
        return self._done.wait(seconds)

    def outcome(self) -> Imported:
        """What came of it, once it has ended.

        Raises:
            InputError, StoreError: it failed, and kept nothing; the sentence says why.
        """
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome

    def _work(self, data: bytes, storage: Storage, owner: str) -> None:
        try:
            with _TURN, speaking(self._language):
                self._outcome = keep_bundle(read_bundle(data, self._report), storage, owner, self._report)
        except BaseException as error:
            self._outcome = error
        finally:
            self._done.set()

    def _report(self, done: int, total: int) -> None:
        self.progress = done / total
