"""Worker processes that are killed at a chosen moment, so many times; files say how often, and how tasks ended."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from distributed import WorkerPlugin


def die(folder: Path, times: int) -> None:
    """Kills this process, as the kernel does where memory runs out, unless `times` were."""
    count = deaths(folder)
    if count < times:
        (folder / f"death-{count}").touch()
        os.kill(os.getpid(), signal.SIGKILL)


def deaths(folder: Path) -> int:
    """How many processes were killed."""
    return len(list(folder.glob("death-*")))


@contextmanager
def at_work(folder: Path, times: int) -> Iterator[None]:
    """A worker that is killed when it begins with something; the first thing is to load the model."""
    die(folder, times)
    yield


@contextmanager
def noting_end(folder: Path) -> Iterator[None]:
    """A worker that says of each task how it ended: "done", or by what."""
    how = "done"
    try:
        yield
    except BaseException as error:
        how = type(error).__name__
        raise
    finally:
        (folder / f"{how}-{uuid4().hex}").touch()


class AtRegistration(WorkerPlugin):
    """A worker that is killed while it registers."""

    name = "at-registration"

    def __init__(self, folder: Path, times: int) -> None:
        self._folder, self._times = folder, times

    def setup(self, worker: object) -> None:
        """Called by Dask in the worker's process."""
        die(self._folder, self._times)
