"""The same runs on the worker processes of a Dask cluster, on this machine or on others. No torch here.

A run is: the answer, once -> chunks of noise samples, spread over all workers -> their moments, merged.
Sample i's noise depends on (seed, i) alone, so that it does not matter where, or how often, a chunk is
computed. A worker that is killed is started again by its nanny, and its chunk runs again elsewhere.
"""

import importlib
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any
from uuid import uuid4

from distributed import Client, Event, Future, wait
from distributed.comm import CommClosedError
from distributed.scheduler import KilledWorker

from core.engine.moments import Moments
from core.engine.sampling import Chunk, SamplingContext, check_requests, check_taps, run_samples
from core.errors import ExplainError, WorkersLost
from core.inputs.pictures import Picture
from core.memory.budget import Budget
from core.models.checkpoints import ModelCard
from core.schema import Answer, ExplainRequest, ExplainResult, Progress
from core.schema.model_parts import Part

logger = logging.getLogger(__name__)

Tick = Callable[[], None]
OnStep = Callable[[str, int, int], None]
"""(what is done now, how much of all is done, all)"""

TICK = 0.1
"""Seconds between two looks at whether a run was stopped."""
PATIENCE = 60.0
"""Seconds without any worker after which a run is given up; to start one takes a few."""


@dataclass(frozen=True, eq=False)
class DistributedExplainer:
    """As `core.Explainer`, computed by workers. Safe to share between threads: runs share the workers.

    Attributes:
        card: the model; each worker loads it when it first needs it.
        keep, budget: what a worker keeps loaded; see `core.engine.model_pool.ModelPool`.
        within: what a worker does its work in; must be known there by its module and name.
    """

    client: Client
    card: ModelCard
    keep: int = 1
    budget: Budget = Budget()
    within: Callable[[], AbstractContextManager[Any]] = nullcontext

    @property
    def total_layers(self) -> int:
        """Decoder layers of the model."""
        return self.card.total_layers

    def depth(self, part: Part) -> int:
        """How many layers a part of the model has."""
        return self.card.depth(part)

    def run(
        self,
        pictures: Picture | Sequence[Picture],
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
        check_taps(requests, self.depth)
        with self._on_workers(pictures) as there:
            context = self._context(there, requests[0], answer, report)
            workers = max(1, self._workers())

            def compute(asked: list[ExplainRequest], samples: range, tick: Tick) -> Chunk:
                given = there, context.answer, asked
                chunks = split(samples, workers)
                tasks = [self._submit("compute_samples", *given, chunk.start, chunk.stop) for chunk in chunks]
                done: list[Chunk] = self._gather(tasks, tick)
                return Chunk(merge([each.moments for each in done]), max(each.peak_bytes for each in done))

            return run_samples(requests, begun, replace(context, chunk=context.chunk * workers), compute, report)

    def answer_to(
        self,
        pictures: Picture | Sequence[Picture],
        request: ExplainRequest,
        *,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Answer:
        """As `Explainer.answer_to`."""
        with self._on_workers(pictures) as there:
            return self._context(there, request, None, on_progress or (lambda progress: None)).answer

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
    def _on_workers(self, pictures: Picture | Sequence[Picture]) -> Iterator[Future]:
        """The pictures where tasks find them, for as long as the `with` lasts."""
        # A task, not scattered data: where the worker that holds it dies, it is made again.
        there = self.client.submit(_same, pictures, pure=False)
        try:
            yield there
        finally:
            there.release()

    def _context(
        self,
        there: Future,
        request: ExplainRequest,
        answer: Answer | None,
        report: Callable[[Progress], None],
    ) -> SamplingContext:
        """Of a run, from one of the workers; meanwhile `report` hears that there is no answer yet."""
        waiting = Progress("answer", 0, request.max_new_tokens)
        return self._one("sampling_context", there, request, answer, tick=lambda: report(waiting))

    def _submit(self, task: str, *arguments: Any) -> Future:
        model = self.card, self.keep, self.budget
        return self.client.submit(_work, self.within, task, model, *arguments, pure=False)

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


def split(samples: range, count: int) -> list[range]:
    """Consecutive ranges that cover `samples`, as even as they can be, none of them empty."""
    count = min(count, len(samples))
    cuts = [samples.start + len(samples) * number // count for number in range(count + 1)]
    return [range(start, stop) for start, stop in zip(cuts, cuts[1:], strict=False)]


def merge(chunks: Sequence[Sequence[Moments]]) -> list[Moments]:
    """Moments of each request over all chunks, which are added in their order."""
    first, *others = chunks
    merged = list(first)
    for chunk in others:
        merged = [mine.merge(more) for mine, more in zip(merged, chunk, strict=True)]
    return merged


def _same(pictures: Picture | Sequence[Picture]) -> Picture | Sequence[Picture]:
    return pictures


def _work(
    within: Callable[[], AbstractContextManager[Any]],
    task: str,
    model: tuple[ModelCard, int, Budget],
    *arguments: Any,
) -> Any:
    with within():
        try:
            # By name: its module imports torch, which only workers should.
            tasks = importlib.import_module("core.distributed.tasks")
            return getattr(tasks, task)(tasks.explainer_of(*model), *arguments)
        except ExplainError:
            raise
        except Exception as error:  # it goes to whoever asked, with its traceback; its words may be the prompt's
            logger.warning("The task %s failed with %s.", task, type(error).__name__)
            raise
