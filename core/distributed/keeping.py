"""Keeping workers there: they may be killed at any moment, while they start, too. No torch here."""

import logging
import time
from collections.abc import Callable

from distributed import Client, SpecCluster, WorkerPlugin
from distributed.core import Status

from core.errors import WorkersLost

logger = logging.getLogger(__name__)

STARTS = 3
"""How often workers are started before it is said that they cannot be."""
PAUSE = 1.0
"""Seconds between two starts: other programs may let memory go."""

_ENDED = {Status.closing, Status.closed, Status.failed}


def start_again(start: Callable[[], Client], starts: int = STARTS) -> Client:
    """What `start` returns, which is called again where workers end before they are there.

    Raises:
        WorkersLost: they ended each time.
    """
    for number in range(1, starts + 1):
        try:
            return start()
        except Exception as error:  # whatever Dask makes of a process that it cannot start, or that ends
            logger.warning("The workers ended while they started (%s), %d of %d.", _root(error), number, starts)
            latest = error
        if number < starts:
            time.sleep(PAUSE)
    raise WorkersLost(
        f"The processes that compute ended {starts} times while they started, perhaps for lack of memory. Run it again "
        "in a moment; if that does not help, ask whoever looks after the server."
    ) from latest


def register(client: Client, plugin: WorkerPlugin, attempts: int = STARTS) -> None:
    """Gives every worker a plugin, those too that are started later.

    Raises:
        WorkersLost: the workers that are there ended each time while they were told.
    """
    for _ in range(attempts):
        try:
            client.register_plugin(plugin)
            return
        except OSError as error:  # one ended meanwhile; the scheduler has the plugin for its successor
            latest = error
    raise WorkersLost(
        f"The processes that compute ended {attempts} times while they were set up. Run it again in a moment; if that "
        "does not help, ask whoever looks after the server."
    ) from latest


def is_usable(client: Client) -> bool:
    """Whether the scheduler is still there."""
    cluster = client.cluster
    return client.status == "running" and (cluster is None or cluster.status == Status.running)


def replace_ended(client: Client) -> None:
    """Starts workers of this machine in place of those whose nanny gave up; returns at once.

    A nanny starts its worker again when that ends, but ends itself where the worker cannot be started.
    """
    cluster = client.cluster
    if not isinstance(cluster, SpecCluster) or cluster.status != Status.running:
        return
    ended = [name for name, nanny in list(cluster.workers.items()) if nanny.status in _ENDED]
    missing = [name for name in list(cluster.worker_spec) if name not in cluster.workers]
    if ended or missing:
        cluster.sync(_forget, cluster, ended)
        cluster.scale(len(cluster.worker_spec))  # to as many as there were: it starts what is missing


async def _forget(cluster: SpecCluster, names: list[object]) -> None:
    for name in names:
        logger.warning("Worker %s could not be started again; another one is started in its place.", name)
        cluster.workers.pop(name, None)


def _root(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error) or type(error).__name__
