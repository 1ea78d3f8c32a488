"""Waiting for tasks of a Dask cluster, while workers come and go. No torch here."""

from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

from distributed import Client, Future, wait
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker

from core.distributed.connection import asking, lost
from core.distributed.keeping import replace_ended
from core.errors import WorkersLost

Tick = Callable[[], None]

TICK = 0.1
"""Seconds between two looks at whether a run was stopped."""
LOOK = 0.005
"""Seconds between two looks at whether tasks have ended."""
PATIENCE = 60.0
"""Seconds without any worker after which a run is given up; to start one takes a few."""
LOAD = "load-"
"""How the names of tasks begin that load a model."""


def results_of(client: Client, model: str, tasks: list[Future], tick: Tick, *, fetch: bool = True) -> list[Any]:
    """The results, in order; what `tick` raises cancels what has not begun.

    Args:
        model: what people call the model that the tasks are about.
        fetch: whether results are brought here. Without, they stay where they are, and only what failed is raised.

    Raises:
        WorkersLost: there is no worker, a task kills every one that takes it, or the scheduler is gone.
        The rest: as the tasks.
    """
    alone_since = None
    try:
        while not are_done(client, tasks):
            tick()
            replace_ended(client)
            alone_since = None if count_workers(client) else alone_since or monotonic()
            if alone_since is not None and monotonic() - alone_since > PATIENCE:
                raise WorkersLost(
                    "There is nothing that could compute this: no worker is running. Ask whoever looks after the "
                    "server; what was computed is kept."
                )
        return [_result(client, task) for task in tasks if fetch or task.status == "error"]
    except KilledWorker as error:
        raise WorkersLost(_killed(model, error)) from error
    except BaseException:
        with suppress(Exception):  # those that are lost need not be cancelled
            client.cancel(tasks)
        raise


def are_done(client: Client, tasks: list[Future]) -> bool:
    """Whether all tasks have ended, after a moment's wait."""
    end = monotonic() + TICK
    # Of each `wait` that ends before its tasks do, something stays in Dask's loop until they have ended.
    while not all(task.done() for task in tasks):
        if monotonic() > end:
            return False
        sleep(LOOK)
    with asking(client), client.as_current():
        wait(tasks)  # no longer; it raises what became of tasks that were lost
    return True


def count_workers(client: Client) -> int:
    """How many workers are there."""
    with asking(client):
        return len(client.nthreads())


def _result(client: Client, task: Future) -> Any:
    if task.status != "error":  # its result lies with a worker
        with asking(client):
            return task.result()
    try:
        return task.result()  # raises what the task raised, an error of its own disk or memory, say
    except CommClosedError as error:
        raise lost() from error


def _killed(model: str, error: KilledWorker) -> str:
    if str(error.task).startswith(LOAD):
        return (
            f"The process that computes ended {error.allowed_failures + 1} times while it loaded the model {model}, "
            "perhaps for lack of memory. Choose a smaller model, or ask whoever looks after the server; what was "
            "computed is kept."
        )
    return (
        "Every process that began with this ended before it was done; most likely the machine has too little "
        "memory. Use a smaller picture or a shorter answer; what was computed is kept."
    )
