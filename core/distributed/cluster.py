"""Starting worker processes on this machine, or joining those of a Dask scheduler elsewhere. No torch here."""

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import dask.config
from distributed import Client, Nanny, Scheduler, SpecCluster, Worker, WorkerPlugin
from distributed.security import Security

from core.distributed.keeping import STARTS, register
from core.errors import WorkersLost
from core.import_path import forget_within, forget_working_folder, spare_children_working_folder
from core.temporary import own_folder

T = TypeVar("T")

CONNECT = 10.0
"""Seconds to wait for a scheduler's answer."""
START = 120.0
"""Seconds in which a worker must have started."""
NICENESS = 5
"""Of workers on this machine; see nice(2). Where all cores are busy, another process has three times their share."""

logging.getLogger("distributed").setLevel(logging.WARNING)
dask.config.set(
    {
        # A picture of 60 megapixels is meant to be sent.
        "distributed.admin.large-graph-warning-threshold": "1GB",
        # A chunk that kills its worker this often will kill the next one, too.
        "distributed.scheduler.allowed-failures": 3,
        # Where the machine is busy, a worker takes longer than Dask's 15 seconds to start again.
        "distributed.deploy.lost-worker-timeout": "120s",
        # What Dask remembers for whoever looks for a fault in it: the last thousand messages to every worker, pictures
        # and all, and where in its code each worker is a hundred times a second.
        "distributed.admin.low-level-log-length": 0,
        "distributed.worker.profile.enabled": False,
        # Status pages that anybody on the machine could open.
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
    }
)


class OwnModules(WorkerPlugin):
    """Sees to it that a worker imports nothing from its working folder, nor from Dask's scratch folder."""

    name = "own-modules"

    def setup(self, worker: Worker) -> None:
        """Called by Dask in the worker's process, wherever that runs."""
        forget_working_folder()
        forget_within(Path(worker.local_directory).parent)


class BehindOthers(WorkerPlugin):
    """Sees to it that a worker computes with what the others on its machine leave of the processor.

    A job takes seconds, whoever does the rest of the work waits for milliseconds: pages on the same cores, a notebook.
    """

    name = "behind-others"

    def setup(self, worker: Worker) -> None:
        """Called by Dask in the worker's process, in the thread that begins those which compute."""
        if hasattr(os, "nice"):
            os.nice(NICENESS)


class QuietEnd(WorkerPlugin):
    """Sees to it that a worker does not report, with a traceback, that its cluster ends.

    A worker of this machine tells its scheduler twice a second that it lives. The scheduler is in the process that
    started the worker: where it does not answer, both are ending, or it is busy and hears the next one.
    """

    name = "quiet-end"

    def setup(self, worker: Worker) -> None:
        """Called by Dask in the worker's process."""
        logging.getLogger("distributed.worker").addFilter(_is_no_lost_heartbeat)


def _is_no_lost_heartbeat(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Failed to communicate with scheduler")


@dataclass(frozen=True)
class Certificates:
    """For a cluster on other machines: PEM files.

    Attributes:
        authority: who signed the certificates of both sides.
        certificate, key: of this side.
    """

    authority: Path
    certificate: Path
    key: Path


def start_workers(count: int, devices: Sequence[str] = ()) -> Client:
    """Worker processes on this machine, which end with this one.

    They listen on loopback, behind certificates made for them alone: whoever else has an account on this
    machine cannot talk to them.

    Args:
        count: how many processes, of one thread of Dask's each.
        devices: numbers of CUDA devices; each worker sees one of them alone, in turn. () for workers that
            share the processor's cores.
    """
    threads = str(max(1, (os.cpu_count() or 1) // count))
    # In place of Dask's own, which also make every worker give memory back at once: a third of its speed.
    before_spawn = {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}
    # Workers, and what multiprocessing starts beside them, begin as `python -c`.
    spare_children_working_folder()
    # Dask's own would be a name that anybody can guess, in a folder where anybody can be first.
    scratch = str(own_folder())
    dask.config.set({"distributed.nanny.pre-spawn-environ": before_spawn, "temporary-directory": scratch})
    security = Security.temporary()
    common = {
        "protocol": "tls://",
        "host": "127.0.0.1",
        "dashboard": False,
        "dashboard_address": "127.0.0.1:0",  # no pages are served, but a port is opened all the same
        "security": security,
    }
    workers = {
        number: {
            "cls": Nanny,
            "options": {
                **common,
                "nthreads": 1,
                "memory_limit": 0,
                "silence_logs": logging.WARNING,
                "death_timeout": START,  # none that hangs while it starts is waited for for ever
                "env": {
                    "TMPDIR": scratch,
                    **({"CUDA_VISIBLE_DEVICES": devices[number % len(devices)]} if devices else {}),
                },
            },
        }
        for number in range(count)
    }
    scheduler = {"cls": Scheduler, "options": {**common, "port": 0}}
    cluster = _begun(lambda: SpecCluster(workers, scheduler, security=security, silence_logs=logging.WARNING))
    client = Client(cluster, set_as_default=False)
    register(client, OwnModules())
    register(client, BehindOthers())
    register(client, QuietEnd())
    forget_within(scratch)  # scheduler and nannies run here
    return client


def join_workers(address: str, certificates: Certificates | None = None) -> Client:
    """The workers of a scheduler that runs elsewhere, such as "tls://gpu-server:8786".

    Raises:
        WorkersLost: nobody answers at that address, or this machine is too busy to reach anybody.
    """
    security = None
    if certificates is not None:
        security = Security(
            require_encryption=True,
            tls_ca_file=str(certificates.authority),
            tls_client_cert=str(certificates.certificate),
            tls_client_key=str(certificates.key),
        )
    try:
        client = _begun(lambda: Client(address, security=security, set_as_default=False, timeout=CONNECT))
    except (OSError, TypeError, ValueError) as error:  # TypeError: an encrypted address without certificates
        raise WorkersLost(
            f"No scheduler answers at {address} to these certificates. Start one there, or correct the settings."
        ) from error
    register(client, OwnModules())
    return client


def _begun(begin: Callable[[], T]) -> T:
    """What `begin` returns, called again where Dask's own thread did not start in the ten seconds that Dask grants it.

    Raises:
        WorkersLost: it did not, however often.
        The rest: as `begin`.
    """
    for _ in range(STARTS):
        try:
            return begin()
        except AssertionError as error:  # a bare one of Dask's `LoopRunner`: the machine stood still meanwhile
            latest = error
    raise WorkersLost("This machine is too busy to reach its workers. Run it again in a moment.") from latest
