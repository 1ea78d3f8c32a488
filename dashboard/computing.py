"""Where models compute: in this process, in worker processes of this machine, or on a cluster elsewhere."""

import threading
from collections.abc import Callable
from typing import Any

from core.checkpoints import ModelCard
from dashboard.models import LoadedModels
from dashboard.settings import Settings


def open_models(settings: Settings) -> LoadedModels:
    """The explainers that jobs use; nothing is started before the first of them is needed."""
    if not settings.workers and settings.scheduler is None:
        return LoadedModels(settings.models_in_memory)
    # A worker loads models by itself; here an explainer is no more than the model's name.
    return LoadedModels(len(settings.choices), load=_on_workers(settings))


def _on_workers(settings: Settings) -> Callable[[ModelCard], Any]:
    starting, clients = threading.Lock(), []

    def load(card: ModelCard) -> Any:
        from core.workers import WorkersExplainer  # brings Dask, which pages do without

        with starting:
            if not clients:
                clients.append(_connect(settings))
        return WorkersExplainer(clients[0], card, settings.models_in_memory)

    return load


def _connect(settings: Settings) -> Any:
    from core.workers import Certificates, join_workers, start_workers

    if settings.scheduler is None:
        return start_workers(settings.workers, settings.worker_devices)
    paths = settings.tls_authority, settings.tls_certificate, settings.tls_key
    return join_workers(settings.scheduler, Certificates(*paths) if all(paths) else None)
