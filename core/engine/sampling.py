"""The samples of a run, wherever they are computed: chunk after chunk, the partial means told. No torch here."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from core.engine.moments import Moments
from core.errors import InputError, ModelError
from core.memory.out_of_memory import in_chunks
from core.schema import Answer, ExplainRequest, ExplainResult, Progress
from core.schema.box_conventions import SeenPicture
from core.schema.checks import check_instance
from core.schema.layers import select_layers
from core.schema.methods import METHODS
from core.schema.model_parts import PARTS, Part
from core.schema.time_steps import TimeStep


@dataclass(frozen=True, eq=False)
class Chunk:
    """What some samples gave.

    Attributes:
        moments: of these samples, for each request.
        peak_bytes: the most memory in use meanwhile; see `core.devices.peak_bytes`.
    """

    moments: list[Moments]
    peak_bytes: int = 0


ComputeChunk = Callable[[list[ExplainRequest], range, Callable[[], None]], Chunk]
"""(requests, samples, tick) -> what these samples give for each; what `tick` raises stops the work."""

ComputeMoments = Callable[[list[int], range], list[Moments]]
"""(positions of requests, samples) -> the moments of these samples for each of these requests."""


@dataclass(frozen=True, eq=False)
class SamplingContext:
    """What the samples of one run have in common, known once there is an answer.

    Attributes:
        grids: (rows, columns) of the map of each picture, by part of the model.
        depths: layers of each part of the model.
        chunk: samples that go through the model at once, to begin with.
        answer_seconds: what the answer took.
        seen: each picture as the model saw it.
        steps: of a video, what each of its time steps covers.
    """

    answer: Answer
    grids: Mapping[Part, tuple[tuple[int, int], ...]]
    depths: Mapping[Part, int]
    chunk: int
    answer_seconds: float
    seen: tuple[SeenPicture, ...] = ()
    steps: tuple[TimeStep, ...] = ()

    def shape_of(self, request: ExplainRequest) -> tuple[int, ...]:
        """The shape of a request's heat: [maps, rows, columns], of a video [maps, time, rows, columns]."""
        return len(request.maps), *([len(self.steps)] if self.steps else []), *self.grid_of(request)

    def grid_of(self, request: ExplainRequest) -> tuple[int, int]:
        """(rows, columns) of a request's map."""
        return self.grids[request.part][request.picture]


def check_requests(
    requests: Sequence[ExplainRequest], so_far: Sequence[ExplainResult | None] | None, answer: Answer | None
) -> list[ExplainResult | None]:
    """What there is so far for each request; refuses what cannot be run together.

    Raises:
        InputError: the requests do not share one pass, or what is there so far is of another request or answer.
    """
    check_instance("The requests", requests, list | tuple, "a list")
    check_instance("What there is so far", so_far, list | tuple | None, "a list, one entry for each request, or None")
    check_instance("The answer", answer, Answer | None, "an Answer or None")
    if not requests:
        raise InputError("There is no request. Give one or more.")
    for request in requests:
        check_instance("A request", request, ExplainRequest, "an ExplainRequest")
    if any(request.shared() != requests[0].shared() for request in requests):
        raise InputError("Requests of one pass may differ in method, layers, part, tap, target and picture alone.")
    begun = list(so_far) if so_far is not None else [None] * len(requests)
    check_begun(requests, begun, answer)
    return begun


def check_taps(requests: Sequence[ExplainRequest], depth_of: Callable[[Part], int]) -> None:
    """Refuses layers that a model has not, and the output of the decoder's last one.

    Args:
        depth_of: how many layers a part of the model has.

    Raises:
        InputError: with the reason.
    """
    for request in requests:
        total = depth_of(request.part)
        if request.layers:
            select_layers(request.layers, total, request.part)
        if request.part == "decoder" and request.tap == "output" and total - 1 in request.layers:
            raise InputError(
                f"The output of the last layer ({total - 1}) at the picture's tokens feeds nothing that the answer "
                "depends on, so its gradient is exactly zero and a map of it would be blank. Leave that layer out, or "
                "use the input tap, which has a true map for every layer."
            )


def run_samples(
    requests: Sequence[ExplainRequest],
    so_far: Sequence[ExplainResult | None],
    context: SamplingContext,
    compute: ComputeChunk,
    report: Callable[[Progress], None],
) -> list[ExplainResult]:
    """The result of each request, from the samples that are missing.

    Args:
        so_far: as `check_requests` returned it.
        report: hears of every chunk; what it raises stops the work.

    Raises:
        ModelError: heat that is no number.
        The rest: as `compute` and `report`.
    """
    started = time.perf_counter()
    # Without noise every sample is the same one.
    total = requests[0].num_samples if requests[0].noise_std > 0 else 1
    begun = [moments_of(result, context.shape_of(request)) for request, result in zip(requests, so_far, strict=True)]
    begin = min(0 if each is None else each.count for each in begun)
    latest = Progress("samples", begin, total)
    peak = 0

    def tell(done: int, moments: Sequence[Moments | None]) -> None:
        nonlocal latest
        timings = {"answer": context.answer_seconds, "samples": time.perf_counter() - started}
        results = [
            _result(request, context, each, timings, peak)
            for request, each in zip(requests, moments, strict=True)
            if each is not None
        ]
        partial = tuple(results) if len(results) == len(requests) else ()
        latest = Progress("samples", done, total, partial, begin)
        report(latest)

    def work(lacking: list[int], samples: range) -> list[Moments]:
        nonlocal peak
        chunk = compute([requests[position] for position in lacking], samples, lambda: report(latest))
        peak = max(peak, chunk.peak_bytes)
        return chunk.moments

    tell(begin, begun)
    for samples, moments in grow(begun, total, min(context.chunk, total), work):
        tell(samples.stop, moments)
    return list(latest.partial)


def _result(
    request: ExplainRequest, context: SamplingContext, moments: Moments, timings: dict[str, float], peak: int
) -> ExplainResult:
    shape = context.shape_of(request)
    heat = moments.mean.astype(np.float32).reshape(shape)
    broken = [layer for layer, map_ in zip(request.maps, heat, strict=True) if not np.isfinite(map_).all()]
    if broken:
        where = f"The maps of {PARTS[request.part].many} {broken}" if request.layers else "The map"
        raise ModelError(
            f"{where} ({METHODS[request.method].title}) would hold values that are not numbers: the model "
            "overflowed. Try the device cpu, where it runs in float32."
        )
    return ExplainResult(
        request=request,
        answer=context.answer,
        heat=heat,
        squared_deviation=moments.squared_deviation.astype(np.float32).reshape(shape),
        num_samples=moments.count,
        total_layers=context.depths[request.part],
        timings=timings,
        peak_bytes=peak,
        seen=context.seen[request.picture] if context.seen else None,
        steps=context.steps,
    )


def grow(
    begun: Sequence[Moments | None], total: int, size: int, compute: ComputeMoments
) -> Iterator[tuple[range, list[Moments | None]]]:
    """Adds to each of several means the samples that it lacks, at most `size` at a time.

    A sample is computed once, for all that lack it together, and not at all where none does.

    Args:
        begun: what there is: moments of the samples 0, ..., count - 1, or None.
        total: samples that each shall have.

    Yields:
        The samples just computed, and the moments of everything so far.
    """
    grown = list(begun)
    counts = [0 if each is None else each.count for each in begun]
    for start, stop in pairwise(sorted({total, *(min(total, count) for count in counts)})):
        # Between these two it is the same ones that lack every sample.
        lacking = [position for position, count in enumerate(counts) if count <= start]
        for samples, found in in_chunks(stop, size, lambda samples, lacking=lacking: compute(lacking, samples), start):
            for position, more in zip(lacking, found, strict=True):
                before = grown[position]
                grown[position] = more if before is None else before.merge(more)
            yield samples, list(grown)


def check_begun(
    requests: Sequence[ExplainRequest], so_far: Sequence[ExplainResult | None], answer: Answer | None
) -> None:
    """Raises InputError where a result so far is no beginning of its request's."""
    if len(so_far) != len(requests):
        raise InputError(f"There are {len(requests)} requests, and {len(so_far)} results so far. Give one for each.")
    for request, result in zip(requests, so_far, strict=True):
        if result is None:
            continue
        check_instance("What there is so far", result, ExplainResult, "an ExplainResult")
        if replace(result.request, num_samples=request.num_samples) != request or request.noise_std == 0:
            raise InputError("What there is so far is of another request.")
        if result.num_samples > request.num_samples:
            raise InputError(
                f"There are {result.num_samples} samples so far; only {request.num_samples} are asked for."
            )
        if answer is None or result.answer.text != answer.text:
            raise InputError("What there is so far explains another answer.")


def moments_of(result: ExplainResult | None, shape: tuple[int, ...]) -> Moments | None:
    """What a result's heat was made of, float64 [maps, visual tokens].

    Raises:
        InputError: it is of another grid, or of other time steps.
    """
    if result is None:
        return None
    if result.heat.shape != shape:
        raise InputError(f"What there is so far has a grid of {result.heat.shape[1:]}, not {shape[1:]}.")
    arrays = (result.heat, result.squared_deviation)
    mean, deviation = (array.reshape(len(array), -1).astype(np.float64) for array in arrays)
    return Moments(mean, deviation, result.num_samples)
