"""The same runs on the worker processes of a Dask cluster, on this machine or on others. No torch here.

A run is: the answer, once -> chunks of noise samples, spread over all workers -> their moments, merged.
Sample i's noise depends on (seed, i) alone, so that it does not matter where, or how often, a chunk is
computed. A worker that is killed is started again by its nanny, and its chunk runs again elsewhere; see also
`core.distributed.keeping`.
"""

import importlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from distributed import Client, Event, Future

from core.distributed.connection import asking
from core.distributed.waiting import LOAD, Tick, count_workers, results_of
from core.engine.moments import Moments
from core.engine.sampling import Chunk, SamplingContext, check_requests, check_taps, run_samples
from core.errors import ExplainError
from core.inputs.pictures import Picture
from core.inputs.videos.video import Video
from core.memory.budget import Budget
from core.models.checkpoints import ModelCard
from core.schema import Answer, ExplainRequest, ExplainResult, Progress
from core.schema.model_parts import Part

logger = logging.getLogger(__name__)

Pictures = Picture | Sequence[Picture] | Video
"""What a prompt is about: pictures, or one video. It goes to a worker once a run, whatever is asked of it there."""
OnStep = Callable[..., None]
"""(what is done now, how much of all is done, all, and what else the function tells: plain values)"""


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
        pictures: Pictures,
        requests: Sequence[ExplainRequest],
        *,
        answer: Answer | None = None,
        so_far: Sequence[ExplainResult | None] | None = None,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> list[ExplainResult]:
        """As `Explainer.run`; equal to it but for rounding.

        Stopped by what `on_progress` raises, it leaves at most one pass on each worker to end by itself.

        Raises:
            WorkersLost: there is no worker, or the chunk kills every one that takes it.
            The rest: as `Explainer.run`.
        """
        begun, report = check_requests(requests, so_far, answer), on_progress or (lambda progress: None)
        check_taps(requests, self.depth)
        with self._stopping() as name, self._on_workers(pictures) as there:
            self._wait_for_model(there, report)
            context = self._context(there, requests[0], answer, report)
            workers = max(1, count_workers(self.client))

            def compute(asked: list[ExplainRequest], samples: range, tick: Tick) -> Chunk:
                given = there, context.answer, asked
                chunks = split(samples, workers)
                tasks = [self._submit("compute_samples", *given, chunk.start, chunk.stop, name) for chunk in chunks]
                done: list[Chunk] = self._results(tasks, tick)
                return Chunk(merge([each.moments for each in done]), max(each.peak_bytes for each in done))

            return run_samples(requests, begun, replace(context, chunk=context.chunk * workers), compute, report)

    def answer_to(
        self,
        pictures: Pictures,
        request: ExplainRequest,
        *,
        on_progress: Callable[[Progress], None] | None = None,
    ) -> Answer:
        """As `Explainer.answer_to`."""
        report = on_progress or (lambda progress: None)
        with self._on_workers(pictures) as there:
            self._wait_for_model(there, report)
            return self._context(there, request, None, report).answer

    def load(self) -> None:
        """Loads the model on every worker that is there, so that what is asked next need not wait for it.

        Raises:
            WorkersLost: there is no worker.
            ModelError: it cannot be loaded.
        """
        with asking(self.client):
            workers = list(self.client.nthreads()) or [None]
        tasks = [self._submit("load", (), key=f"{LOAD}{uuid4().hex}", worker=worker) for worker in workers]
        self._results(tasks, lambda: None)

    def call(self, function: Callable[..., Any], *arguments: Any, on_step: OnStep | None = None) -> Any:
        """`function(explainer, *arguments, on_step=...)` on one of the workers.

        Args:
            function: of a module that workers can import.
            on_step: hears of the function's steps; what it raises stops the function at its next one.
        """
        latest: list[tuple[str, int, int]] = []

        def tick() -> None:
            if on_step is not None and latest:
                on_step(*latest[-1])

        with self._stopping() as name:
            with asking(self.client):
                self.client.subscribe_topic(name, lambda event: latest.append(tuple(event[1])))
            try:
                with self._on_workers(()) as there:
                    return self._one("call", there, function, arguments, name, tick=tick)
            finally:
                with suppress(Exception):
                    self.client.unsubscribe_topic(name)

    @contextmanager
    def _stopping(self) -> Iterator[str]:
        """A name under which workers hear that what is done within it was stopped."""
        name = f"work-{uuid4().hex}"
        try:
            yield name
        except BaseException:
            with suppress(Exception):  # where nobody can be told, there is nobody to stop
                Event(name, client=self.client).set()
            raise

    @contextmanager
    def _on_workers(self, pictures: Pictures) -> Iterator[Future]:
        """The pictures where tasks find them, on a worker that has the model, for as long as the `with` lasts."""
        # A task, not scattered data: where the worker that holds it dies, it is made again. One of its own, so that
        # it can be told whether workers end while they load the model.
        there = self._submit("load", pictures, key=f"{LOAD}{uuid4().hex}")
        try:
            yield there
        finally:
            there.release()

    def _wait_for_model(self, there: Future, report: Callable[[Progress], None]) -> None:
        """Returns where the model is with the pictures; meanwhile `report` hears what is waited for."""
        loading = Progress("load", 0, 1)
        self._results([there], lambda: report(loading), fetch=False)

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

    def _submit(self, task: str, *arguments: Any, key: str | None = None, worker: str | None = None) -> Future:
        """Begins a task, on one worker where it is named, unless that ends before."""
        model, where = (self.card, self.keep, self.budget), {"workers": worker, "allow_other_workers": True}
        with asking(self.client):
            return self.client.submit(
                _work, self.within, task, model, *arguments, key=key, pure=False, **(where if worker else {})
            )

    def _one(self, task: str, *arguments: Any, tick: Tick) -> Any:
        (result,) = self._results([self._submit(task, *arguments)], tick)
        return result

    def _results(self, tasks: list[Future], tick: Tick, *, fetch: bool = True) -> list[Any]:
        return results_of(self.client, self.card.name, tasks, tick, fetch=fetch)


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
