"""Layers from several places -> one result: what was stored plus what has just been computed."""

from collections.abc import Iterable, Sequence

import numpy as np

from cache.results.codec import LayerEntry, PassEntry
from core.schema import ExplainRequest, ExplainResult


def assemble(request: ExplainRequest, results: Iterable[ExplainResult]) -> ExplainResult:
    """The result for `request`, each layer taken from the first result that holds it.

    Args:
        request: what was asked; its layers, in its order, are the result's.
        results: those of the same question about other layers; timings are the last one's.

    Raises:
        ValueError: a layer is in none of them, or they explain different answers, sample counts,
            grids or time steps, so that they are not one result.
    """
    results = list(results)
    found = {layer: result for result in reversed(results) for layer in result.request.maps}
    absent = [layer for layer in request.maps if layer not in found]
    if absent:
        raise ValueError(f"no part holds the layers {absent}")
    kinds = {
        (result.answer.text, tuple(token.id for token in result.tokens), result.num_samples, result.grid, result.steps)
        for result in results
    }
    if len(kinds) > 1:
        raise ValueError("the parts differ in answer, samples, grid or time steps")
    return ExplainResult(
        request=request,
        answer=results[0].answer,
        heat=np.stack([found[layer].at(layer) for layer in request.maps]),
        squared_deviation=np.stack(
            [found[layer].squared_deviation[found[layer].request.maps.index(layer)] for layer in request.maps]
        ),
        num_samples=results[0].num_samples,
        total_layers=results[0].total_layers,
        timings=dict(results[-1].timings),
        seen=next((result.seen for result in results if result.seen is not None), None),
        steps=results[0].steps,
    )


def from_entries(request: ExplainRequest, common: PassEntry, layers: Sequence[LayerEntry]) -> ExplainResult:
    """The result that stored entries make, one entry per layer of `request`, in its order."""
    return ExplainResult(
        request=request,
        answer=common.answer,
        heat=np.stack([entry.heat for entry in layers]),
        squared_deviation=np.stack([entry.squared_deviation for entry in layers]),
        num_samples=layers[0].num_samples,
        total_layers=common.total_layers,
        timings=common.timings,
        seen=common.seen,
        steps=common.steps,
    )


def to_entries(result: ExplainResult, answer: bytes) -> tuple[PassEntry, list[LayerEntry]]:
    """The entries that make `result` again; `answer` is its `codec.answer_digest`."""
    common = PassEntry(
        request=result.request.to_dict(),
        answer=result.answer,
        grid=result.grid,
        total_layers=result.total_layers,
        timings=dict(result.timings),
        seen=result.seen,
        steps=result.steps,
    )
    maps = zip(result.heat, result.squared_deviation, strict=True)
    return common, [LayerEntry(heat, deviation, result.num_samples, answer) for heat, deviation in maps]
