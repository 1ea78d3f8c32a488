"""What of a question is stored, and what exactly is left to compute: maps, and noise samples of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from cache.results.assembly import assemble
from cache.results.store import ResultStore
from core.schema import Answer, ExplainRequest, ExplainResult


@dataclass(frozen=True, eq=False)
class Gap:
    """Maps that are not stored with as many samples as are asked for.

    Attributes:
        request: the question about these maps alone, with all samples.
        begun: a stored result of these very maps with fewer samples, to go on from; None where there is none.
    """

    request: ExplainRequest
    begun: ExplainResult | None = None

    @property
    def first_sample(self) -> int:
        """The number of the first sample that is missing."""
        return 0 if self.begun is None else self.begun.num_samples


@dataclass(frozen=True, eq=False)
class Coverage:
    """What is stored of several requests about one answer, such as a run's own method and its combined map.

    Attributes:
        requests: what is asked.
        answer: the stored answer that they explain; None where it is still to be generated.
        stored: for each request, its maps that are complete, as a result of their own, or None.
        gaps: for each request, its other maps, each in one gap.
    """

    requests: tuple[ExplainRequest, ...]
    answer: Answer | None
    stored: tuple[ExplainResult | None, ...]
    gaps: tuple[tuple[Gap, ...], ...]

    @property
    def missing(self) -> list[Gap]:
        """All gaps, in the order of the requests."""
        return [gap for gaps in self.gaps for gap in gaps]

    @property
    def maps(self) -> int:
        """How many maps are asked for."""
        return sum(len(request.maps) for request in self.requests)

    @property
    def missing_maps(self) -> int:
        """How many of them are not complete."""
        return sum(len(gap.request.maps) for gap in self.missing)

    @property
    def samples(self) -> int:
        """Noise samples that are asked for; without noise they are all the same one."""
        return self.requests[0].num_samples if self.requests[0].noise_std > 0 else 1

    @property
    def missing_samples(self) -> int:
        """How many of them have to go through the model, for whichever maps."""
        return max((self.samples - gap.first_sample for gap in self.missing), default=0)

    def complete(self, computed: Sequence[ExplainResult]) -> list[ExplainResult]:
        """The result of each request.

        Args:
            computed: the result of each gap in `missing`.
        """
        filled = iter(computed)
        return [
            assemble(request, [*([] if result is None else [result]), *(next(filled) for _ in gaps)])
            for request, result, gaps in zip(self.requests, self.stored, self.gaps, strict=True)
        ]


def look_up(store: ResultStore, requests: Iterable[ExplainRequest], answer: Answer | None = None) -> Coverage:
    """What `store` has of requests that share one answer and differ in method, layers, tap or target alone.

    Reading never raises: what cannot be read is missing.

    Args:
        answer: the one that is explained; None for the one that is stored.
    """
    requests = tuple(requests)
    found = [store.get_part(request) for request in requests]
    if answer is None:
        answer = next((result.answer for result in found if result is not None), None) or store.get_answer(requests[0])
    # A result with another answer, or with other probabilities of the same one, cannot stand beside the others.
    stored = tuple(result if result is not None and result.answer == answer else None for result in found)
    gaps = tuple(_gaps(store, request, result, answer) for request, result in zip(requests, stored, strict=True))
    return Coverage(requests, answer, stored, gaps)


def _gaps(
    store: ResultStore, request: ExplainRequest, stored: ExplainResult | None, answer: Answer | None
) -> tuple[Gap, ...]:
    """One gap for each smaller run that holds some of the missing maps, and one for those that nobody began."""
    gaps: list[Gap] = []
    complete = () if stored is None else stored.request.maps
    missing = tuple(layer for layer in request.maps if layer not in complete)
    # From the largest run down, so that each map goes on from as many samples as there are.
    for count in reversed(store.sample_counts(request) if answer is not None and missing else ()):
        if not 1 <= count < request.num_samples or not missing:
            continue
        begun = store.get_part(replace(_about(request, missing), num_samples=count))
        if begun is not None and begun.answer == answer and begun.num_samples == count:
            gaps.append(Gap(_about(request, begun.request.maps), begun))
            missing = tuple(layer for layer in missing if layer not in begun.request.maps)
    if missing:
        gaps.append(Gap(_about(request, missing)))
    return tuple(gaps)


def _about(request: ExplainRequest, maps: tuple[int | None, ...]) -> ExplainRequest:
    return request.for_layers(maps) if request.layers else request
