"""What a worker process does. Called by `core.distributed.explainer`, on another process or another machine."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from time import monotonic
from typing import Any

from distributed import Event, get_worker

from core.engine.explainer import Explainer
from core.engine.model_pool import ModelPool
from core.engine.one_pass import compute_chunk
from core.engine.sampling import Chunk, SamplingContext
from core.errors import Cancelled
from core.inputs.pictures import Picture
from core.inputs.prompt import prepare_for
from core.inputs.videos.video import Video
from core.memory.budget import Budget
from core.models.checkpoints import ModelCard
from core.models.hooks import frozen
from core.schema import Answer, ExplainRequest

LOOK = 0.25
"""Seconds between two looks at whether other work was stopped."""


Pictures = Picture | Sequence[Picture] | Video


def load(explainer: Explainer, pictures: Pictures) -> Pictures:
    """The pictures, where the model is by now: what needs both begins there."""
    return pictures


def sampling_context(
    explainer: Explainer, pictures: Pictures, request: ExplainRequest, answer: Answer | None
) -> SamplingContext:
    """The answer to a request, unless it is known, and what the samples need to know."""
    return explainer.sampling_context(pictures, request, answer)


def compute_samples(
    explainer: Explainer,
    pictures: Pictures,
    answer: Answer,
    requests: Sequence[ExplainRequest],
    start: int,
    stop: int,
    name: str,
) -> Chunk:
    """Moments of the samples start, ..., stop - 1 for each request.

    A method of many passes hears under `name`, between two of them, whether it is to stop.
    """
    loaded, first, looked = explainer.loaded, requests[0], monotonic()

    def tick() -> None:
        nonlocal looked
        if monotonic() - looked > LOOK:
            looked = monotonic()
            _stop_if_told(Event(name))

    with loaded.lock, frozen(loaded.model):
        prepared = prepare_for(loaded, pictures, first)
        return compute_chunk(loaded, prepared, answer, requests, range(start, stop), tick)


def call(explainer: Explainer, _: Pictures, function: Callable[..., Any], arguments: tuple[Any, ...], name: str) -> Any:
    """`function(explainer, *arguments, on_step=...)`; its steps are told under `name`, where it can be stopped, too."""
    worker, stop, looked = get_worker(), Event(name), 0.0

    def on_step(*step: Any) -> None:
        nonlocal looked
        if monotonic() - looked < LOOK:  # the scheduler is asked, which takes longer than some steps do
            return
        looked = monotonic()
        worker.log_event(name, step)
        _stop_if_told(stop)

    return explainer.call(function, *arguments, on_step=on_step)


def _stop_if_told(stop: Event) -> None:
    if stop.is_set():
        raise Cancelled("The run was stopped.")


def explainer_of(card: ModelCard, keep: int, budget: Budget) -> Explainer:
    """The model, loaded where this process has not got it yet.

    Others stay as `core.engine.model_pool.ModelPool` says.

    Raises:
        ModelError: its files here are not those that the request was made for, or there is no room for it.
    """
    # A worker sees its one device alone, whatever number that has elsewhere.
    return _loaded(keep, budget).get(replace(card, device=card.device.partition(":")[0]))


@lru_cache(maxsize=1)  # under other settings, what was loaded under the former ones goes
def _loaded(keep: int, budget: Budget) -> ModelPool:
    return ModelPool(keep, budget=budget)
