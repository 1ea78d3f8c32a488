"""Starting worker processes on this machine, or joining those of a Dask scheduler elsewhere. No torch here."""

import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir

import dask.config
from distributed import Client, Nanny, Scheduler, SpecCluster
from distributed.security import Security

from core.errors import WorkersLost

CONNECT = 10.0
"""Seconds to wait for a scheduler's answer."""

logging.getLogger("distributed").setLevel(logging.WARNING)
dask.config.set(
    {
        # A picture of 60 megapixels is meant to be sent.
        "distributed.admin.large-graph-warning-threshold": "1GB",
        # A chunk that kills its worker this often will kill the next one, too.
        "distributed.scheduler.allowed-failures": 3,
        # Status pages that anybody on the machine could open.
        "distributed.scheduler.http.routes": [],
        "distributed.worker.http.routes": [],
        "temporary-directory": gettempdir(),
    }
)


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
    dask.config.set({"distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads}})
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
                "env": {"CUDA_VISIBLE_DEVICES": devices[number % len(devices)]} if devices else {},
            },
        }
        for number in range(count)
    }
    scheduler = {"cls": Scheduler, "options": {**common, "port": 0}}
    return Client(
        SpecCluster(workers, scheduler, security=security, silence_logs=logging.WARNING), set_as_default=False
    )


def join_workers(address: str, certificates: Certificates | None = None) -> Client:
    """The workers of a scheduler that runs elsewhere, such as "tls://gpu-server:8786".

    Raises:
        WorkersLost: nobody answers at that address.
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
        return Client(address, security=security, set_as_default=False, timeout=CONNECT)
    except (OSError, TypeError, ValueError) as error:  # TypeError: an encrypted address without certificates
        raise WorkersLost(
            f"No scheduler answers at {address} to these certificates. Start one there, or correct the settings."
        ) from error
