"""The same runs on the worker processes of a Dask cluster, on this machine or on others. No torch here.

A run is: the answer, once -> chunks of noise samples, spread over all workers -> their moments, merged.
Sample i's noise depends on (seed, i) alone, so that it does not matter where, or how often, a chunk is
computed. A worker that is killed is started again by its nanny, and its chunk runs again elsewhere.
"""

import importlib
import logging
import os
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir
from time import monotonic
from typing import Any
from uuid import uuid4

import dask.config
from distributed import Client, Event, Future, Nanny, Scheduler, SpecCluster, wait
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker
from distributed.security import Security

from core.checkpoints import ModelCard
from core.errors import WorkersLost
from core.images import Picture
from core.moments import Moments
from core.sampling import Ground, check_requests, check_taps, run_samples
from core.schema import Answer, ExplainRequest, ExplainResult, Progress

Tick = Callable[[], None]
OnStep = Callable[[str, int, int], None]
"""(what is done now, how much of all is done, all)"""

CONNECT = 10.0
"""Seconds to wait for a scheduler's answer."""
TICK = 0.1
"""Seconds between two looks at whether a run was stopped."""
PATIENCE = 60.0
"""Seconds without any worker after which a run is given up; to start one takes a few."""

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


@dataclass(frozen=True, eq=False)
class WorkersExplainer:
    """As `core.Explainer`, computed by workers. Safe to share between threads: runs share the workers.

    Attributes:
        card: the model; each worker loads it when it first needs it.
        keep: models that a worker keeps loaded.
    """

    client: Client
    card: ModelCard
    keep: int = 1

    @property
    def total_layers(self) -> int:
        """Decoder layers of the model."""
        return self.card.total_layers

    def run(
        self,
        picture: Picture,
        requests: Sequence[ExplainRequest],
        *,
        answer: Answer | None = None,
        so_far: Sequence[ExplainResult | None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> list[ExplainResult]:
        """As `Explainer.run`; equal to it but for rounding.

        Stopped by what `on_progress` raises, it leaves at most one chunk on each worker to end by itself.

        Raises:
            WorkersLost: there is no worker, or the chunk kills every one that takes it.
            The rest: as `Explainer.run`.
        """
        begun, report = check_requests(requests, so_far, answer), on_progress or (lambda progress: None)
        check_taps(requests, self.total_layers)
        waiting = Progress("answer", 0, requests[0].max_new_tokens)
        with self._held(picture) as held:
            ground: Ground = self._one("lay_ground", held, requests[0], answer, tick=lambda: report(waiting))
            workers = max(1, self._workers())

            def compute(asked: list[ExplainRequest], samples: range, tick: Tick) -> list[Moments]:
                parts = split(samples, workers)
                tasks = [
                    self._submit("compute_samples", held, ground.answer, asked, part.start, part.stop) for part in parts
                ]
                return merge(self._gather(tasks, tick))

            return run_samples(requests, begun, replace(ground, chunk=ground.chunk * workers), compute, report)

    def answer_to(
        self, picture: Picture, request: ExplainRequest, *, on_progress: Callable[[Progress], None] | None = None
    ) -> Answer:
        """As `Explainer.answer_to`."""
        report = on_progress or (lambda progress: None)
        waiting = Progress("answer", 0, request.max_new_tokens)
        with self._held(picture) as held:
            return self._one("lay_ground", held, request, None, tick=lambda: report(waiting)).answer

    def call(self, function: Callable[..., Any], *arguments: Any, on_step: OnStep | None = None) -> Any:
        """`function(explainer, *arguments, on_step=...)` on one of the workers.

        Args:
            function: of a module that workers can import.
            on_step: hears of the function's steps; what it raises stops the function at its next one.
        """
        name = f"call-{uuid4().hex}"
        latest: list[tuple[str, int, int]] = []
        stop = Event(name, client=self.client)

        def tick() -> None:
            if on_step is not None and latest:
                on_step(*latest[-1])

        self.client.subscribe_topic(name, lambda event: latest.append(tuple(event[1])))
        try:
            return self._one("call", function, arguments, name, tick=tick)
        except BaseException:
            stop.set()
            raise
        finally:
            self.client.unsubscribe_topic(name)

    @contextmanager
    def _held(self, picture: Picture):
        # A task, not scattered data: where the worker that holds it dies, it is made again.
        held = self.client.submit(_same, picture, pure=False)
        try:
            yield held
        finally:
            held.release()

    def _submit(self, task: str, *arguments: Any) -> Future:
        return self.client.submit(_work, task, self.card, self.keep, *arguments, pure=False)

    def _one(self, task: str, *arguments: Any, tick: Tick) -> Any:
        (result,) = self._gather([self._submit(task, *arguments)], tick)
        return result

    def _gather(self, tasks: list[Future], tick: Tick) -> list[Any]:
        """The results, in order; what `tick` raises cancels what has not begun."""
        alone_since = None
        try:
            while not self._done(tasks):
                tick()
                alone_since = None if self._workers() else alone_since or monotonic()
                if alone_since is not None and monotonic() - alone_since > PATIENCE:
                    raise WorkersLost(
                        "There is nothing that could compute this: no worker is running. Ask whoever looks after the "
                        "server; what was computed is kept."
                    )
            return [task.result() for task in tasks]
        except KilledWorker as error:
            raise WorkersLost(
                "Every process that began with this ended before it was done; most likely the machine has too little "
                "memory. Use a smaller picture or a shorter answer; what was computed is kept."
            ) from error
        except (CancelledError, CommClosedError) as error:  # not by us: the scheduler has lost them
            raise WorkersLost(
                "The connection to the processes that compute was lost. Run it again in a moment; what was computed is "
                "kept."
            ) from error
        except BaseException:
            self.client.cancel(tasks)
            raise

    def _done(self, tasks: list[Future]) -> bool:
        """Whether all tasks have ended, after a moment's wait."""
        try:
            with self.client.as_current():
                wait(tasks, timeout=TICK)
        except TimeoutError:
            return False
        return True

    def _workers(self) -> int:
        return len(self.client.nthreads())


def split(samples: range, parts: int) -> list[range]:
    """Consecutive ranges that cover `samples`, as even as they can be, none of them empty."""
    parts = min(parts, len(samples))
    cuts = [samples.start + len(samples) * number // parts for number in range(parts + 1)]
    return [range(start, stop) for start, stop in zip(cuts, cuts[1:], strict=False)]


def merge(parts: Sequence[Sequence[Moments]]) -> list[Moments]:
    """Moments of each request over all parts, which are added in their order."""
    first, *others = parts
    merged = list(first)
    for part in others:
        merged = [mine.merge(more) for mine, more in zip(merged, part, strict=True)]
    return merged


def _same(picture: Picture) -> Picture:
    return picture


def _work(task: str, *arguments: Any) -> Any:
    # By name: its module imports torch, which only workers should.
    return getattr(importlib.import_module("core.worker_tasks"), task)(*arguments)
