"""What each method reads of the one pass: the points to be recorded, and heat from what was recorded.

An `Extractor` joins a method of `core.schema.methods` to its maths in `attribution`, `tam` and `pixels` of this
package, and in `core.inference.attention`. Adding a method of the one pass means adding an entry to EXTRACTORS.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor

from core.inference.attention import LayerAttention, answer_rows, rollout, row_gradient, value_norms
from core.inference.forward import ResolvedTarget, TokenSequence
from core.methods import attribution, tam
from core.methods.attribution import ATTRIBUTIONS
from core.methods.pixels import PixelMap, input_gradient
from core.models.hooks import HookPoint, Site
from core.models.loading import LoadedModel
from core.schema import ExplainRequest
from core.schema.model_parts import DecoderDepth, Part
from core.schema.request import FORMULAS

GradientPoint = HookPoint | tuple[Literal["attention"], int] | Literal["pixels"]


@dataclass(frozen=True)
class Requirements:
    """What has to be recorded in the forward pass, and where gradients are wanted.

    Attributes:
        points: hidden states to record, of the vision tower's as well.
        attended: layers whose attention is recorded, where the answer is predicted.
        whole: layers whose attention is recorded at every position.
        gradients: the points at which the score's gradient is wanted.
        weighed: layers of which the norms of attention's values are recorded, too.
    """

    points: frozenset[HookPoint] = frozenset()
    attended: frozenset[int] = frozenset()
    gradients: frozenset[GradientPoint] = frozenset()
    whole: frozenset[int] = frozenset()
    weighed: frozenset[int] = frozenset()

    def __or__(self, other: "Requirements") -> "Requirements":
        return Requirements(
            self.points | other.points,
            self.attended | other.attended,
            self.gradients | other.gradients,
            self.whole | other.whole,
            self.weighed | other.weighed,
        )


@dataclass(frozen=True, eq=False)
class Trace:
    """What the forward pass left, and the gradient of one target's score.

    Attributes:
        activations: point -> hidden states [batch, sequence, width], or as the vision tower lays them out.
        attention: layer -> its attention.
        pixels: normalised, [batch, ...].
        gradients: point -> gradient, of the shape of what was recorded there.
        read: heat that methods have read off already, layer by layer; some of them read the same. What it was
            read off is not kept: in float32 that would be more than all activations together.
    """

    loaded: LoadedModel
    sequence: TokenSequence
    activations: dict[HookPoint, Tensor]
    attention: dict[int, LayerAttention]
    pixels: Tensor
    gradients: dict[GradientPoint, Tensor] = field(default_factory=dict)
    read: dict[tuple, Any] = field(default_factory=dict)

    def at(self, point: GradientPoint) -> Tensor:
        """What was recorded at a point."""
        if point == "pixels":
            return self.pixels
        return self.activations[point] if isinstance(point, HookPoint) else self.attention[point[1]].output

    def graded(self, gradients: dict[GradientPoint, Tensor]) -> "Trace":
        """The same pass with the gradients of another target."""
        return replace(self, gradients=gradients, read={})

    def visual(self, point: HookPoint) -> tuple[Tensor, Tensor | None]:
        """Activation and gradient at the visual tokens, or patches, float32 [batch, tokens, width]."""
        gradient = self.gradients.get(point)
        return self._seen(point, self.activations[point]), None if gradient is None else self._seen(point, gradient)

    def heat(self, function: Callable[..., Tensor], point: HookPoint) -> Tensor:
        """A function of activation and gradient at a point, [batch, tokens]."""
        key = (function, point)
        if key not in self.read:
            self.read[key] = function(*self.visual(point))
        return self.read[key]

    def _seen(self, point: HookPoint, hidden: Tensor) -> Tensor:
        if point.part == "decoder":
            seen = hidden[:, self.sequence.visual.to(hidden.device)]
        else:
            seen = self.loaded.family.patches(
                self.loaded.model, hidden, self.sequence.vision, self.sequence.tower_layouts
            )
        return seen.to(self.sequence.visual.device).float()

    def looks(self, layer: int, target: ResolvedTarget) -> Tensor:
        """P of a layer, [batch, heads, rows, visual tokens]; see `core.inference.attention.answer_rows`."""
        return answer_rows(self.attention[layer], self.sequence.rows(target.indices), self.sequence.visual)

    def attended(self, layer: int, target: ResolvedTarget) -> Tensor:
        """How much the answer looks at each visual token in a layer, [batch, visual tokens]."""
        key = (attribution.attention, layer)
        if key not in self.read:
            self.read[key] = attribution.attention(self.looks(layer, target))
        return self.read[key]

    def carried(self, layer: int, target: ResolvedTarget) -> Tensor:
        """How much the answer takes from each visual token in a layer, [batch, visual tokens]."""
        return attribution.carried(self.looks(layer, target), value_norms(self.attention[layer], self.sequence.visual))


@dataclass(frozen=True)
class Extractor:
    """How one method reads the pass.

    Attributes:
        requirements: (request, depth of the decoder) -> what has to be recorded.
        heat: (trace, request, target) -> [batch, maps, visual tokens or patches], maps as in `request.maps`.
        to_cells: (sequence, heat, part of the model) -> [batch, maps, cells of all pictures].
    """

    requirements: Callable[[ExplainRequest, DecoderDepth], Requirements]
    heat: Callable[[Trace, ExplainRequest, ResolvedTarget], Tensor]
    to_cells: Callable[[TokenSequence, Tensor, Part], Tensor] = TokenSequence.spread


def _at_tap(function: Callable[[Tensor, Tensor], Tensor], site: Site | None = None, graded: bool = True) -> Extractor:
    """A function of activation and gradient, layer by layer, at the request's tap or at `site`."""

    def points(request: ExplainRequest) -> list[HookPoint]:
        return [HookPoint(layer, site or request.tap, request.part) for layer in request.layers]

    def requirements(request: ExplainRequest, _: DecoderDepth) -> Requirements:
        recorded = frozenset(points(request))
        return Requirements(points=recorded, gradients=recorded if graded else frozenset())

    def heat(trace: Trace, request: ExplainRequest, _: ResolvedTarget) -> Tensor:
        return torch.stack([trace.heat(function, point) for point in points(request)], dim=1)

    return Extractor(requirements, heat)


def _attention_requirements(request: ExplainRequest, depth: DecoderDepth) -> Requirements:
    return Requirements(attended=frozenset(map(depth.read_at, request.layers)))


def _attention_heat(trace: Trace, request: ExplainRequest, target: ResolvedTarget) -> Tensor:
    read = map(trace.loaded.decoder.read_at, request.layers)
    return torch.stack([trace.attended(layer, target) for layer in read], dim=1)


def _attention_gradient_requirements(request: ExplainRequest, depth: DecoderDepth) -> Requirements:
    read = frozenset(map(depth.read_at, request.layers))
    points: frozenset[GradientPoint] = frozenset(("attention", layer) for layer in read)
    return Requirements(attended=read, gradients=points)


def _attention_gradient_heat(trace: Trace, request: ExplainRequest, target: ResolvedTarget) -> Tensor:
    rows, visual = trace.sequence.rows(target.indices), trace.sequence.visual

    def at(layer: int) -> Tensor:
        gradient = row_gradient(trace.attention[layer], trace.gradients["attention", layer], rows, visual)
        return attribution.attention_gradient(trace.looks(layer, target), gradient)

    return torch.stack([at(layer) for layer in map(trace.loaded.decoder.read_at, request.layers)], dim=1)


def _rollout_requirements(request: ExplainRequest, depth: DecoderDepth) -> Requirements:
    lowest = depth.read_at(request.layers[0])
    layers = frozenset(layer for layer in depth.attending if layer >= lowest)
    return Requirements(attended=layers, whole=layers)


def _rollout_heat(trace: Trace, request: ExplainRequest, target: ResolvedTarget) -> Tensor:
    read = [trace.loaded.decoder.read_at(layer) for layer in request.layers]
    above = {layer: trace.attention[layer] for layer in trace.attention if layer >= read[0]}
    heat = rollout(above, trace.sequence.rows(target.indices), trace.sequence.visual)
    return torch.stack([heat[layer] for layer in read], dim=1)


def _combined_requirements(request: ExplainRequest, depth: DecoderDepth) -> Requirements:
    points = frozenset(HookPoint(layer) for layer in depth.upper_half)
    attended = frozenset(_upper_attending(depth))
    weighed = attended if request.formula > FORMULAS[0] else frozenset()
    return Requirements(points=points, attended=attended, gradients=points, weighed=weighed)


def _upper_attending(depth: DecoderDepth) -> list[int]:
    """Those of the upper layers that attend; the last that does where none of them does."""
    return [layer for layer in depth.attending if layer >= depth.layers // 2] or [depth.attending[-1]]


def _combined_heat(trace: Trace, request: ExplainRequest, target: ResolvedTarget) -> Tensor:
    depth = trace.loaded.decoder
    deviation = [trace.heat(attribution.gradient_deviation, HookPoint(layer)) for layer in depth.upper_half]
    looks = trace.carried if request.formula > FORMULAS[0] else trace.attended
    attention = [looks(layer, target) for layer in _upper_attending(depth)]
    return attribution.combined(torch.stack(deviation, dim=-2), torch.stack(attention, dim=-2))[:, None]


def _last_output(_: ExplainRequest, depth: DecoderDepth) -> Requirements:
    return Requirements(points=frozenset([HookPoint(depth.layers - 1, "output")]))


def _lens(trace: Trace, positions: Tensor, ids: Tensor) -> Tensor:
    """Logits of some tokens at some positions of the last layer's output, [batch, positions, ids]."""
    hidden = trace.activations[HookPoint(len(trace.loaded.layers) - 1, "output")]
    hidden = hidden[:, positions.to(hidden.device)]
    return trace.loaded.family.token_logits(trace.loaded.model, hidden, ids).float()


def _logit_lens_heat(trace: Trace, _: ExplainRequest, target: ResolvedTarget) -> Tensor:
    return _lens(trace, trace.sequence.visual, trace.sequence.answer[target.indices]).relu().sum(-1)[:, None]


def _tam_heat(trace: Trace, _: ExplainRequest, target: ResolvedTarget) -> Tensor:
    sequence = trace.sequence
    words = torch.cat([sequence.ids[0, sequence.question], sequence.answer])
    answer_rows_ = sequence.rows(torch.arange(len(sequence.answer), device=words.device))
    visual = _lens(trace, sequence.visual, words).mT.cpu().numpy()  # [batch, words, visual tokens]
    text = _lens(trace, torch.cat([sequence.question, answer_rows_]), words).mT.cpu().numpy()  # [batch, words, words]
    targets = [len(sequence.question) + index for index in target.indices.tolist()]
    tiles = [tile for layout in sequence.layouts for tile in layout.tiles * layout.steps]
    ends = np.cumsum([tile.tokens for tile in tiles])[:-1]

    def heat(visual: np.ndarray, text: np.ndarray) -> np.ndarray:
        maps = np.split(tam.unfiltered_maps(visual, text, words.tolist(), targets), ends, axis=-1)
        means = (tam.filtered_mean(own, (tile.rows, tile.columns)) for own, tile in zip(maps, tiles, strict=True))
        return np.concatenate([mean.ravel() for mean in means])

    return torch.from_numpy(np.stack([heat(v, t) for v, t in zip(visual, text, strict=True)]))[:, None]


def _input_gradient_requirements(_: ExplainRequest, __: DecoderDepth) -> Requirements:
    return Requirements(gradients=frozenset(["pixels"]))


def _input_gradient_heat(trace: Trace, _: ExplainRequest, __: ResolvedTarget) -> Tensor:
    gradient = trace.gradients["pixels"]
    return input_gradient(gradient, PixelMap.of(trace.loaded, trace.sequence, gradient[0]))[:, None]


def _as_it_is(_: TokenSequence, heat: Tensor, __: Part) -> Tensor:
    return heat


EXTRACTORS: dict[str, Extractor] = {
    "combined": Extractor(_combined_requirements, _combined_heat),
    **{
        name: _at_tap(function)
        for name, function in ATTRIBUTIONS.items()
        if name not in ("llava_cam", "activation_peak")
    },
    "llava_cam": _at_tap(attribution.llava_cam, site="norm"),
    "activation_peak": replace(_at_tap(attribution.activation_peak, graded=False), to_cells=TokenSequence.peak),
    "attention": Extractor(_attention_requirements, _attention_heat),
    "attention_gradient": Extractor(_attention_gradient_requirements, _attention_gradient_heat),
    "attention_rollout": Extractor(_rollout_requirements, _rollout_heat),
    "logit_lens": Extractor(_last_output, _logit_lens_heat),
    "tam": Extractor(_last_output, _tam_heat),
    "input_gradient": Extractor(_input_gradient_requirements, _input_gradient_heat, to_cells=_as_it_is),
}
