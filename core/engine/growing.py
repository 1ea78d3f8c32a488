"""More samples for requests that have some already: which are to be computed for which, and adding them up."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from core.engine.moments import Moments
from core.memory.chunks import in_chunks
from core.schema import Answer, ExplainRequest, ExplainResult

Compute = Callable[[list[int], range], list[Moments]]
"""(positions of requests, samples) -> the moments of these samples for each of these requests."""


def grow(
    begun: Sequence[Moments | None], total: int, size: int, compute: Compute
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
        for samples, found in in_chunks(stop, size, lambda samples, who=lacking: compute(who, samples), start):
            for position, more in zip(lacking, found, strict=True):
                before = grown[position]
                grown[position] = more if before is None else before.merge(more)
            yield samples, list(grown)


def check_begun(
    requests: Sequence[ExplainRequest], so_far: Sequence[ExplainResult | None], answer: Answer | None
) -> None:
    """Raises ValueError where a result so far is no beginning of its request's."""
    for request, part in zip(requests, so_far, strict=True):
        if part is None:
            continue
        if replace(part.request, num_samples=request.num_samples) != request or request.noise_std == 0:
            raise ValueError("what is there so far is of another request")
        if part.num_samples > request.num_samples:
            raise ValueError(f"{part.num_samples} samples are there so far; only {request.num_samples} are asked for")
        if answer is None or part.answer.text != answer.text:
            raise ValueError("what is there so far explains another answer")


def moments_of(part: ExplainResult | None, grid: tuple[int, int]) -> Moments | None:
    """What a result's heat was made of, float64 [maps, visual tokens].

    Raises:
        ValueError: it is of another grid.
    """
    if part is None:
        return None
    if part.grid != grid:
        raise ValueError(f"what is there so far has a grid of {part.grid}, not {grid}")
    arrays = (part.heat, part.squared_deviation)
    mean, deviation = (array.reshape(len(array), -1).astype(np.float64) for array in arrays)
    return Moments(mean, deviation, part.num_samples)
