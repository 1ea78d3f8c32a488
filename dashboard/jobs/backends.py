"""Where models compute: in this process, in worker processes of this machine, or on a cluster elsewhere."""

import os
import threading
from contextlib import suppress
from math import ceil
from typing import Any, Protocol

from core.devices import device_numbers
from core.engine.model_pool import ModelPool
from core.errors import WorkersLost
from core.memory.budget import Budget
from core.models.checkpoints import ModelCard
from core.schema.progress import Stage
from dashboard import logs
from dashboard.settings import Settings


class Backend(Protocol):
    """What computes: gives jobs their explainers."""

    def get(self, card: ModelCard) -> Any:
        """The explainer of this very model.

        Raises:
            ModelError: it cannot be loaded, or its files have changed since it was described.
            WorkersLost: there is nothing that could compute it.
        """


def open_backend(settings: Settings) -> Backend:
    """What the settings say; nothing is started before the first explainer is needed."""
    if settings.workers == 0 and settings.scheduler is None:
        return ModelPool(settings.models_in_memory, budget=budget_of(settings))
    return WorkerBackend(settings)


def first_stage(backend: Backend) -> Stage:
    """What asking for an explainer may have to wait for."""
    return "start" if isinstance(backend, WorkerBackend) else "load"


class WorkerBackend:
    """Workers, which load models by themselves; its explainers hand them what is to be computed."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connecting = threading.Lock()
        self._client: Any = None

    def get(self, card: ModelCard) -> Any:
        """As `Backend.get`; a connection that was lost is made anew. What workers log is about this thread's job."""
        from core.distributed.explainer import DistributedExplainer  # brings Dask, which pages do without

        keep, budget = self._settings.models_in_memory, budget_of(self._settings)
        return DistributedExplainer(self._connected(), card, keep, budget, within=logs.current_job())

    def load(self, card: ModelCard) -> None:
        """Starts workers where that was not done yet, and has each load a model.

        Raises: as `get`.
        """
        self.get(card).load()

    def check(self) -> None:
        """Asks every worker for a sign of life, a busy one too; starts them where that was not done yet.

        Raises:
            WorkersLost: none answers.
        """
        if not self._connected().run(os.getpid, on_error="ignore"):
            raise WorkersLost("No worker answers.")

    def _connected(self) -> Any:
        """The connection; where there is none, or it is of no more use, a new one."""
        from core.distributed.keeping import is_usable, register, replace_ended  # brings Dask
        from dashboard.jobs.worker_logging import LogLines

        with self._connecting:
            if self._client is not None and not is_usable(self._client):
                self._drop()
            if self._client is None:
                self._client = _connect(self._settings)
                try:
                    register(self._client, LogLines(self._settings.log_format, self._settings.log_level))
                except WorkersLost:
                    self._drop()
                    raise
            replace_ended(self._client)
            return self._client

    def _drop(self) -> None:
        """Lets go of the connection, and of the workers that it started."""
        client, self._client = self._client, None
        for each in filter(None, (client, client.cluster)):
            with suppress(Exception):  # it is broken already
                each.close()


def local_workers(settings: Settings) -> tuple[int, tuple[str, ...]]:
    """How many worker processes of this machine compute, and the CUDA devices that they take in turn."""
    devices = settings.worker_devices or device_numbers(settings.device)
    return max(1, len(devices)) if settings.workers == "auto" else settings.workers, devices


def budget_of(settings: Settings) -> Budget:
    """What the models of each process that computes may take; a scheduler's workers count as having a device each."""
    if settings.scheduler is not None or settings.workers == 0:
        return Budget(settings.models_bytes)
    count, devices = local_workers(settings)
    return Budget(settings.models_bytes, ceil(count / max(1, len(devices))))


def _connect(settings: Settings) -> Any:
    from core.distributed.cluster import Certificates, join_workers, start_workers
    from core.distributed.keeping import start_again

    if settings.scheduler is None:
        return start_again(lambda: start_workers(*local_workers(settings)))
    paths = settings.tls_authority, settings.tls_certificate, settings.tls_key
    return join_workers(settings.scheduler, Certificates(*paths) if all(paths) else None)
