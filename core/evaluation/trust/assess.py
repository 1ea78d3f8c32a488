"""One map -> everything that tells how far it can be trusted: asks the model again and again."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.analysis.artefacts import Artefacts, find_artefacts
from core.engine.explainer import Explainer
from core.engine.moments import Moments
from core.engine.one_pass import explain_chunk, samples_that_fit
from core.evaluation.trust import faithfulness, sanity
from core.evaluation.trust.reliability import relative_error, samples_needed, spearman_brown, split_half
from core.evaluation.trust.report import Findings, Report, Steadiness, Surface
from core.heatmap import on_grid
from core.inference.forward import build_sequence, resolve_target
from core.inputs.pictures import Picture
from core.inputs.prompt import Prepared, prepare_for
from core.memory.out_of_memory import in_chunks
from core.models.hooks import frozen
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest, ExplainResult
from core.schema.methods import METHODS, PEAK
from core.schema.time_steps import refuse_video

OnStep = Callable[[str, int, int, dict[str, Any]], None]
"""(what is done now, how much of all is done, all, what is measured so far as `Findings.to_dict` says it)"""

SAMPLES = 8


@dataclass(frozen=True)
class Way:
    """A way in which a picture is taken apart.

    Attributes:
        doing: what is done, in a few words for people.
        part: of the report, which comes of it.
        surface, baseline: what is taken away, and what stands in its place.
    """

    doing: str
    part: str
    surface: Surface
    baseline: str


WAYS = (
    Way("Taking the picture apart by tokens", "tokens", "tokens", "mean"),
    Way("Taking the picture apart by pixels", "pixels", "pixels", "blur"),
    Way("Taking the picture apart by pixels", "greyed", "pixels", "mean"),
)
NOISE_STD = 0.15
"""Noise with which a map's reliability is tried that was made without, or with too few samples to halve."""


def assess(
    explainer: Explainer,
    pictures: Picture | Sequence[Picture],
    result: ExplainResult,
    layer: int | None = None,
    *,
    seed: int = 0,
    on_step: OnStep = lambda doing, done, total, found: None,
) -> Report:
    """Measures one map of a result.

    The picture is taken apart by the decoder's visual tokens: a map of the vision tower is brought to them first.

    About 700 forward passes of a picture with its answer, and the time of `sanity.PASSES` + 2 runs.

    Args:
        pictures: the prompt's; the map is of the one that the result's request names.
        layer: which one, of a method with a map for each layer.
        seed: of random orders and shuffles.
        on_step: hears what is done now, how much of all is done, and what is measured so far; what it raises stops
            the work, and the model is as before.

    Raises:
        InputError: the result holds no map of that layer.
        OutOfMemoryError: not even one sequence fits on the device.
    """
    refuse_video(result.request, "How far a map can be trusted")
    heat = result.at(layer)
    request = result.request.for_layers(() if layer is None else (layer,))
    loaded, answer = explainer.loaded, result.answer
    steady = request if request.noise_std > 0 and request.num_samples > 1 else _with_noise(request)
    total, done, now = len(WAYS) * faithfulness.passes() + sanity.PASSES + steady.num_samples, 0, ""
    found = Findings()

    def step(count: int = 0) -> None:
        on_step(now, done + count, total, found.to_dict())

    def begin(doing: str) -> None:
        nonlocal now
        now = doing
        step()

    with loaded.lock, frozen(loaded.model):
        prepared = prepare_for(loaded, pictures, request)
        sequence, target = build_sequence(loaded, prepared, answer), resolve_target(loaded, request.target, answer)
        # First, because other checks of a map without heat tell nothing.
        found = replace(found, artefacts=_artefacts(loaded, prepared, answer, result, heat, layer))
        for way in WAYS:
            begin(way.doing)
            curves = faithfulness.curves(
                loaded,
                sequence,
                target,
                prepared.pixel_values,
                on_grid(heat[None], prepared.grids[request.picture])[0],
                surface=way.surface,
                baseline=way.baseline,
                picture=request.picture,
                seed=seed,
                tick=step,
            )
            found = replace(found, **{way.part: curves})
            done += faithfulness.passes()
        begin(doing="Scrambling the model, the answer and the picture")

        def explained(last: bool = True) -> None:
            nonlocal done
            done += last
            step()

        checked = sanity.check_sanity(loaded, prepared, answer, request, seed=seed, tick=explained)
        found = replace(found, sanity=checked)
        begin(doing="Comparing halves of the noise samples")
        steadiness = _steadiness(loaded, prepared, answer, steady, step)
    return Report(
        answer.text,
        found.tokens,
        found.pixels,
        sanity=checked,
        steadiness=steadiness,
        artefacts=found.artefacts,
        greyed=found.greyed,
    )


def _with_noise(request: ExplainRequest) -> ExplainRequest:
    return replace(request, noise_std=request.noise_std or NOISE_STD, num_samples=SAMPLES)


def _steadiness(
    loaded: LoadedModel, prepared: Prepared, answer: Answer, request: ExplainRequest, step: Callable[[int], None]
) -> Steadiness:
    """Maps of the first and the second half of a request's samples, compared."""
    size = samples_that_fit(loaded, prepared, answer, request)
    half, grid = request.num_samples // 2, prepared.grids_of(request.part)[request.picture]

    def moments(samples: range) -> Moments:
        def work(chunk: range) -> Moments:
            return explain_chunk(loaded, prepared, answer, [request], chunk, lambda: step(samples.start))[0]

        merged = None
        for chunk, found in in_chunks(samples.stop, min(size, len(samples)), work, samples.start):
            merged = found if merged is None else merged.merge(found)
            step(chunk.stop)
        return merged

    halves = [moments(range(half)), moments(range(half, 2 * half))]
    (halved,) = split_half(*(part.mean.reshape(1, *grid) for part in halves))
    whole, count = halves[0].merge(halves[1]), 2 * half
    error = np.sqrt(whole.squared_deviation / (count * (count - 1)))
    needed = float(samples_needed(halved, count))
    return Steadiness(
        samples=count,
        noise_std=request.noise_std,
        halves=float(halved),
        reliability=float(spearman_brown(halved)),
        samples_needed=int(needed) if math.isfinite(needed) else None,
        relative_error=float(relative_error(error.reshape(grid), whole.mean.reshape(grid))),
    )


def _artefacts(
    loaded: LoadedModel, prepared: Prepared, answer: Answer, result: ExplainResult, heat: np.ndarray, layer: int | None
) -> Artefacts:
    grid, depth = heat.shape, loaded.depth(result.request.part)
    quiet = replace(result.request, noise_std=0.0, num_samples=1, tap="input")
    peaks = explain_chunk(loaded, prepared, answer, [quiet.with_method(PEAK, tuple(range(depth)))], range(1))[
        0
    ].mean.reshape(-1, *grid)
    layers = dict(zip(result.layers, result.heat, strict=True)) if METHODS[result.request.method].per_layer else {}
    return find_artefacts(heat, peaks, layers, _gradients_at(result.request, layer))


def _gradients_at(request: ExplainRequest, layer: int | None) -> int | None:
    """At which decoder layer's input a map's gradients are taken, -1 at the pixels; None where that tells nothing."""
    if METHODS[request.method].group == "pixels":
        return -1 if request.method != "occlusion" else None
    of_one_layer = request.part == "decoder" and METHODS[request.method].has_tap and request.method != PEAK
    return layer if of_one_layer else None
