"""The one pass: one forward and one backward over a chunk of noise samples, for all layers and methods.

All layers, the vision tower's blocks among them, lie on one graph, so
`torch.autograd.grad(score, places)` gives the gradient at every place for the price of one. A sweep over
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

from core.engine.moments import Moments
from core.inference.attention import Recording, record_attention
from core.inference.forward import ResolvedTarget, TokenSequence, answer_states, encode, lay_out, take_aim
from core.inference.scores import score
from core.inference.smoothgrad import noisy
from core.inputs.prompt import Prepared
from core.memory.estimate import Workload
from core.memory.fit import fit_to_memory
from core.methods.extractors import EXTRACTORS, Requirements, Trace
from core.methods.pixels import PIXEL_METHODS
from core.models.hooks import HookPoint, lowest, record_activations
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest, Target
from core.schema.model_parts import Part


def explain_chunk(
    loaded: LoadedModel,
    prepared: Prepared,
    answer: Answer,
    requests: Sequence[ExplainRequest],
    samples: range,
    tick: Callable[[], None] = lambda: None,
) -> list[Moments]:
    """Maps of a batch of noise samples, for requests that differ in method, layers, part, tap, target or picture.

    The caller holds the model's lock and has frozen it.

    Args:
        tick: called now and then by methods that need passes of their own; what it raises stops the work.

    Returns:
        For each request, moments of heat [maps, cells of its picture] over these samples.

    Raises:
        InputError: a target is not in the answer.
    """
    turn, first = lay_out(loaded, prepared, answer), requests[0]
    aims = {request.target: take_aim(loaded, request.target, answer) for request in requests}
    pinned = loaded.device.type == "cuda"
    pixels = noisy(prepared.pixel_values, first.noise_std, first.seed, samples, pinned)
    distinct = list(dict.fromkeys(request.of_picture(0) for request in requests))
    heat: dict[ExplainRequest, Tensor] = {}
    for request in distinct:
        if request.method in PIXEL_METHODS:
            own = PIXEL_METHODS[request.method](loaded, turn, aims[request.target], pixels, tick)
            heat[request] = own[:, None]
    together = [request for request in distinct if request.method in EXTRACTORS]
    if together:
        heat |= _read_together(loaded, turn, aims, together, pixels)

    def of(request: ExplainRequest) -> Moments:
        cells = heat[request.of_picture(0)][..., turn.cells_of(request.picture, request.part)]
        return Moments.of(cells.float().cpu().numpy())

    return [of(request) for request in requests]


def _read_together(
    loaded: LoadedModel,
    turn: TokenSequence,
    aims: dict[Target, ResolvedTarget],
    requests: Sequence[ExplainRequest],
    pixels: Tensor,
) -> dict[ExplainRequest, Tensor]:
    """request -> heat [samples, maps, cells]: one forward pass, and one backward a target."""
    needs = {request: EXTRACTORS[request.method].needs(request, len(loaded.layers)) for request in requests}
    groups: dict[Target, list[ExplainRequest]] = {}
    for request in requests:
        groups.setdefault(request.target, []).append(request)
    wanted = {target: reduce(or_, (needs[r].gradients for r in group)) for target, group in groups.items()}
    graded = [target for target, places in wanted.items() if places]
    # Every answer token that some target counts, once.
    counted = torch.unique(torch.cat([aims[target].indices for target in groups]))
    with torch.set_grad_enabled(bool(graded)):
        states, trace = _forward(loaded, turn, reduce(or_, needs.values()), pixels, counted, len(graded))
    heat = {}
    for target, group in groups.items():
        aim, places, gradients = aims[target], list(wanted[target]), {}
        if places:
            with torch.enable_grad():
                # The head's gradient is taken at this target's tokens alone: a vocabulary has 150,000.
                own = states[:, torch.searchsorted(counted, aim.indices)]
                spoken = loaded.family.head(loaded.model, own)
                # Samples do not see each other, so the gradient of the sum holds each one's own.
                total = score(spoken, turn.answer[aim.indices], target, aim.rival).sum()
                del spoken
            found = torch.autograd.grad(total, [trace.at(p) for p in places], retain_graph=target != graded[-1])
            gradients = dict(zip(places, found, strict=True))
        with torch.no_grad():
            for request in group:
                reading = EXTRACTORS[request.method]
                heat[request] = reading.to_cells(
                    turn, reading.heat(trace.graded(gradients), request, aim), request.part
                )
    return heat


def _forward(
    loaded: LoadedModel, turn: TokenSequence, needs: Requirements, pixels: Tensor, counted: Tensor, targets: int
) -> tuple[Tensor, Trace]:
    """What enters the output head at the counted answer tokens, [samples, tokens, width], and all that was recorded."""
    points, through_pixels = set(needs.points), "pixels" in needs.gradients
    if needs.attended and not through_pixels:
        # Attention's gradient needs a leaf below the lowest layer that attends.
        points.add(HookPoint(min(needs.attended)))
    through_tower = through_pixels or any(point.part == "tower" for point in points)
    modules = {point: _module(loaded, point) for point in points}
    with ExitStack() as stack:
        load = replace(_load(needs, turn, loaded.depth), samples=len(pixels), rows=len(counted), targets=targets)
        stack.enter_context(fit_to_memory(loaded, load, None if through_pixels else lowest(points)))
        activations = stack.enter_context(record_activations(modules, cut=not through_pixels))
        with torch.set_grad_enabled(through_tower and torch.is_grad_enabled()):
            pixels = pixels.requires_grad_(through_pixels)
            features = encode(loaded, turn, pixels)
        attention = {}
        if needs.attended:
            graded = {place[1] for place in needs.gradients if place[0] == "attention"}
            recording = Recording(needs.attended, turn.rows(counted), needs.whole, graded)
            attention = stack.enter_context(record_attention(loaded.family.decoder_config(loaded.model), recording))
        states = answer_states(loaded, turn, features, counted)
    return states, Trace(loaded, turn, activations, attention, pixels)


def _load(needs: Requirements, turn: TokenSequence, depth: Callable[[Part], int]) -> Workload:
    """The work of one sample and one answer token."""
    pixels, total = "pixels" in needs.gradients, depth("decoder")
    tower = [point for point in needs.points if point.part == "tower"]
    points = [place for place in needs.gradients if isinstance(place, HookPoint) and place.part == "decoder"]
    swayed = [place[1] for place in needs.gradients if place[0] == "attention"]
    below = 0 if pixels or (tower and needs.gradients) else total
    lowest_layer = min([*(point.layer for point in points), *swayed], default=below)
    first = lowest(tower) if needs.gradients else None
    return Workload(
        samples=1,
        length=turn.ids.shape[1],
        visual=len(turn.visual),
        rows=1,
        depth=total - min(lowest_layer, below),
        taps=len(needs.points) - len(tower),
        graded=len(points),
        read=len(needs.points) - len(tower),
        attended=len(needs.attended),
        whole=len(needs.whole),
        attention_gradients=len(swayed),
        pixels=pixels,
        blocks=0 if first is None else depth("tower") - first.layer - (first.site == "output"),
        patched=len(tower),
    )


def _module(loaded: LoadedModel, point: HookPoint) -> nn.Module:
    if point.part == "tower":
        return loaded.blocks[point.layer]
    layer = loaded.layers[point.layer]
    return loaded.family.attention_norm(layer) if point.site == "norm" else layer
