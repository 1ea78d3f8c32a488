"""Computes what is missing of a question; when it is stopped, nothing that was computed is lost. No Streamlit here."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from cache import Coverage, ResultStore, StoreError, assemble
from core import Cancelled, ExplainRequest, ExplainResult, Picture, Progress, Video

logger = logging.getLogger(__name__)


class Enough(Cancelled):  # noqa: N818 - as `Cancelled`
    """More samples would not change the maps, and whoever asked said that this is enough."""


class Stopped(Cancelled):  # noqa: N818 - as `Cancelled`
    """The work was stopped after some noise samples.

    Attributes:
        partial: the results of what was computed, each as one of the samples that it has.
        done: the number of samples up to which it came.
        computed: how many of them went through the model now.

    Its cause is the `Cancelled` that was raised: `Enough`, or somebody's wish.
    """

    def __init__(self, partial: Sequence[ExplainResult], done: int, computed: int) -> None:
        super().__init__("The run was stopped.")
        self.partial = tuple(partial)
        self.done = done
        self.computed = computed


def compute_missing(
    coverage: Coverage, pictures: Sequence[Picture] | Video, explainer: Any, on_progress: Callable[[Progress], None]
) -> list[ExplainResult]:
    """The result of each gap of `coverage`, from one pass over the samples that are missing.

    Args:
        pictures: the prompt's, or its video.
        explainer: a `core.Explainer`.

    Raises:
        Stopped: `Cancelled` was raised from `on_progress` after the first samples.
        The rest: as `core.Explainer.run`.
    """
    gaps = coverage.missing
    if not gaps:
        return []
    latest: Progress | None = None

    def report(progress: Progress) -> None:
        nonlocal latest
        latest = progress if progress.partial else latest
        on_progress(progress)

    try:
        return explainer.run(
            pictures,
            [gap.request for gap in gaps],
            answer=coverage.answer,
            so_far=[gap.begun for gap in gaps],
            on_progress=report,
        )
    except Cancelled as error:
        if latest is None or gaps[0].request.noise_std == 0:
            raise
        raise Stopped(partial_results(latest), latest.done, latest.done - latest.begun) from error


def partial_results(progress: Progress) -> list[ExplainResult]:
    """What a run has come to, as runs of so many samples.

    Sample i's noise depends on (seed, i) alone: k samples of thirty are the run of k samples.
    """
    return [replace(each, request=replace(each.request, num_samples=each.num_samples)) for each in progress.partial]


def store_partial(partial: Sequence[ExplainResult], results: ResultStore) -> None:
    """Stores what a run has computed so far, so that the next one goes on from there."""
    try:
        for result in partial:
            results.put(result)
    except StoreError as error:
        logger.error("What a run has computed so far could not be kept: %s", error)


def largest_run(
    requests: Sequence[ExplainRequest], partial: Sequence[ExplainResult], results: ResultStore
) -> list[ExplainResult] | None:
    """The run of the most samples that a stopped one makes together with what is stored, or None.

    It may have fewer layers than were asked for: those of which each had as many samples.
    """
    for count in sorted({result.num_samples for result in partial}, reverse=True):
        found = [_at(replace(request, num_samples=count), partial, results) for request in requests]
        if None not in found and all(one.answer == found[0].answer for one in found):
            return found
    return None


def _at(request: ExplainRequest, partial: Sequence[ExplainResult], results: ResultStore) -> ExplainResult | None:
    stored = results.get_part(request)
    same = [
        result
        for result in partial
        if result.request.method == request.method and request.for_layers(result.request.layers) == result.request
    ]
    if stored is not None and (not same or stored.answer == same[0].answer):
        same.append(stored)
    maps = [layer for layer in request.maps if any(layer in result.request.maps for result in same)]
    if not maps:
        return None
    return assemble(request.for_layers(tuple(maps)) if request.layers else request, same)
