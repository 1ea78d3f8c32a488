"""The one pass: one forward and one backward over a chunk of noise samples, for all layers and methods.

All layers, the vision tower's blocks among them, lie on one graph, so
`torch.autograd.grad(score, points)` gives the gradient at every point for the price of one. A sweep over
all layers costs what one layer costs, and five methods cost what one costs. Another target (another word
of the answer) costs another backward pass over the same graph.
"""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import reduce
from operator import or_

import torch
from torch import Tensor, nn

from core.devices import peak_bytes, reset_peak
from core.engine.moments import Moments
from core.engine.sampling import Chunk
from core.inference.attention import AttentionRecorder, record_attention
from core.inference.forward import ResolvedTarget, TokenSequence, answer_states, build_sequence, encode, resolve_target
from core.inference.scores import score
from core.inference.smoothgrad import noisy
from core.inputs.prompt import Prepared
from core.memory.estimate import Workload, sweep_load
from core.memory.fit import fit_to_memory, samples_at_once
from core.memory.out_of_memory import first_chunk_size
from core.methods.extractors import EXTRACTORS, Requirements, Trace
from core.methods.pixels import PIXEL_METHODS
from core.models.hooks import HookPoint, lowest, record_activations
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest, Target
from core.schema.model_parts import Part


def samples_that_fit(loaded: LoadedModel, prepared: Prepared, answer: Answer, request: ExplainRequest) -> int:
    """How many samples go through the model at once, to begin with: what keeps the device busy and fits into it."""
    length = prepared.prompt_length + len(answer.tokens)
    most = first_chunk_size(length, loaded.device.type, request.num_samples)
    blocks = loaded.depth("tower") if request.part == "tower" else 0
    load = sweep_load(len(loaded.layers), length, len(prepared.visual), len(answer.tokens), blocks=blocks)
    return samples_at_once(loaded, load, most)


def compute_chunk(
    loaded: LoadedModel,
    prepared: Prepared,
    answer: Answer,
    requests: Sequence[ExplainRequest],
    samples: range,
    tick: Callable[[], None] = lambda: None,
) -> Chunk:
    """As `explain_chunk`, with the peak of the memory that it took."""
    reset_peak(loaded.device)
    moments = explain_chunk(loaded, prepared, answer, requests, samples, tick)
    return Chunk(moments, peak_bytes(loaded.device))


def explain_chunk(
    loaded: LoadedModel,
    prepared: Prepared,
    answer: Answer,
    requests: Sequence[ExplainRequest],
    samples: range,
    tick: Callable[[], None] = lambda: None,
) -> list[Moments]:
    """Maps of a chunk of noise samples, for requests that differ in method, layers, part, tap, target or picture.

    The caller holds the model's lock and has frozen it.

    Args:
        tick: called now and then by methods that need passes of their own; what it raises stops the work.

    Returns:
        For each request, moments of heat [maps, cells of its picture] over these samples.

    Raises:
        InputError: a target is not in the answer.
    """
    sequence, first = build_sequence(loaded, prepared, answer), requests[0]
    targets = {request.target: resolve_target(loaded, request.target, answer) for request in requests}
    pinned = loaded.device.type == "cuda"
    pixels = noisy(prepared.pixel_values, first.noise_std, first.seed, samples, pinned)
    distinct = list(dict.fromkeys(request.of_picture(0) for request in requests))
    heat: dict[ExplainRequest, Tensor] = {}
    for request in distinct:
        if request.method in PIXEL_METHODS:
            own = PIXEL_METHODS[request.method](loaded, sequence, targets[request.target], pixels, tick)
            heat[request] = own[:, None]
    together = [request for request in distinct if request.method in EXTRACTORS]
    if together:
        heat |= _read_together(loaded, sequence, targets, together, pixels)

    def of(request: ExplainRequest) -> Moments:
        cells = heat[request.of_picture(0)][..., sequence.cells_of(request.picture, request.part)]
        return Moments.of(cells.float().cpu().numpy())

    return [of(request) for request in requests]


def _read_together(
    loaded: LoadedModel,
    sequence: TokenSequence,
    targets: dict[Target, ResolvedTarget],
    requests: Sequence[ExplainRequest],
    pixels: Tensor,
) -> dict[ExplainRequest, Tensor]:
    """request -> heat [samples, maps, cells]: one forward pass, and one backward a target."""
    requirements = {request: EXTRACTORS[request.method].requirements(request, loaded.decoder) for request in requests}
    groups: dict[Target, list[ExplainRequest]] = {}
    for request in requests:
        groups.setdefault(request.target, []).append(request)
    wanted = {target: reduce(or_, (requirements[r].gradients for r in group)) for target, group in groups.items()}
    graded = [target for target, points in wanted.items() if points]
    # Every answer token that some target counts, once.
    counted = torch.unique(torch.cat([targets[target].indices for target in groups]))
    with torch.set_grad_enabled(bool(graded)):
        states, trace = record_forward(
            loaded, sequence, reduce(or_, requirements.values()), pixels, counted, len(graded)
        )
    heat = {}
    for target, group in groups.items():
        resolved, points, gradients = targets[target], list(wanted[target]), {}
        if points:
            with torch.enable_grad():
                # The head's gradient is taken at this target's tokens alone: a vocabulary has 150,000.
                own = states[:, torch.searchsorted(counted, resolved.indices)]
                spoken = loaded.family.head(loaded.model, own)
                # Samples do not see each other, so the gradient of the sum holds each one's own.
                summed = score(spoken, sequence.answer[resolved.indices], target, resolved.rival).sum()
                del spoken
            found = torch.autograd.grad(summed, [trace.at(p) for p in points], retain_graph=target != graded[-1])
            gradients = dict(zip(points, found, strict=True))
        with torch.no_grad():
            for request in group:
                extractor = EXTRACTORS[request.method]
                heat[request] = extractor.to_cells(
                    sequence, extractor.heat(trace.graded(gradients), request, resolved), request.part
                )
    return heat


def record_forward(
    loaded: LoadedModel,
    sequence: TokenSequence,
    requirements: Requirements,
    pixels: Tensor,
    counted: Tensor,
    targets: int,
) -> tuple[Tensor, Trace]:
    """What enters the output head at the counted answer tokens, [samples, tokens, width], and all that was recorded."""
    points, through_pixels = set(requirements.points), "pixels" in requirements.gradients
    if requirements.attended and not through_pixels:
        # Attention's gradient needs a leaf below the lowest layer that attends.
        points.add(HookPoint(min(requirements.attended)))
    through_tower = through_pixels or any(point.part == "tower" for point in points)
    modules = {point: _module(loaded, point) for point in points}
    with ExitStack() as stack:
        load = replace(
            _load(requirements, sequence, loaded.depth), samples=len(pixels), rows=len(counted), targets=targets
        )
        stack.enter_context(fit_to_memory(loaded, load, None if through_pixels else lowest(points)))
        activations = stack.enter_context(record_activations(modules, cut=not through_pixels))
        with torch.set_grad_enabled(through_tower and torch.is_grad_enabled()):
            pixels = pixels.requires_grad_(through_pixels)
            features = encode(loaded, sequence, pixels)
        attention = {}
        if requirements.attended:
            graded = {point[1] for point in requirements.gradients if point[0] == "attention"}
            recorder = AttentionRecorder(
                requirements.attended, sequence.rows(counted), requirements.whole, graded, requirements.weighed
            )
            attention = stack.enter_context(record_attention(loaded.family.decoder_config(loaded.model), recorder))
        states = answer_states(loaded, sequence, features, counted)
    return states, Trace(loaded, sequence, activations, attention, pixels)


def _load(requirements: Requirements, sequence: TokenSequence, depth: Callable[[Part], int]) -> Workload:
    """The work of one sample and one answer token."""
    pixels, total = "pixels" in requirements.gradients, depth("decoder")
    tower = [point for point in requirements.points if point.part == "tower"]
    points = [point for point in requirements.gradients if isinstance(point, HookPoint) and point.part == "decoder"]
    through_attention = [point[1] for point in requirements.gradients if point[0] == "attention"]
    below = 0 if pixels or (tower and requirements.gradients) else total
    lowest_layer = min([*(point.layer for point in points), *through_attention], default=below)
    first = lowest(tower) if requirements.gradients else None
    return Workload(
        samples=1,
        length=sequence.ids.shape[1],
        visual=len(sequence.visual),
        rows=1,
        depth=total - min(lowest_layer, below),
        taps=len(requirements.points) - len(tower),
        graded=len(points),
        read=len(requirements.points) - len(tower),
        attended=len(requirements.attended),
        whole=len(requirements.whole),
        attention_gradients=len(through_attention),
        pixels=pixels,
        blocks=0 if first is None else depth("tower") - first.layer - (first.site == "output"),
        patched=len(tower),
    )


def _module(loaded: LoadedModel, point: HookPoint) -> nn.Module:
    if point.part == "tower":
        return loaded.blocks[point.layer]
    layer = loaded.layers[point.layer]
    return loaded.family.attention_norm(layer) if point.site == "norm" else layer
