"""A prompt and its answer through a model's own forward: ids and pixels in, one layer and one sample at a time."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from core.inference.generation import force_answer
from core.inputs.pictures import Picture
from core.inputs.prompt import Prepared, prepare
from core.models.loading import LoadedModel
from core.models.token_layout import TokenLayout
from core.schema import Answer

QUESTION = "Where is the red square?"
SENTENCE = "In the bottom left is a blue square."


@dataclass(frozen=True)
class Slow:
    """What there is to compare the engine with."""

    loaded: LoadedModel
    prepared: Prepared
    answer: Answer

    @classmethod
    def of(cls, loaded: LoadedModel, pictures: Picture | Sequence[Picture], **options: Any) -> "Slow":
        """With a sentence as the answer."""
        prepared = prepare(loaded, pictures, QUESTION, **options)
        return cls(loaded, prepared, force_answer(loaded, prepared, SENTENCE))

    @property
    def ids(self) -> Tensor:
        """The answer's."""
        return torch.tensor([token.id for token in self.answer.tokens])

    @property
    def rows(self) -> Tensor:
        """Where they are predicted."""
        return self.prepared.prompt_length - 1 + torch.arange(len(self.ids))

    def outputs(self, pixels: Tensor | None = None, **options: Any) -> Any:
        """What the model returns for prompt and answer."""
        ids, types = self.prepared.with_answer(self.ids)
        inner, named = self.loaded.model.model, self.prepared.types_name
        before = getattr(inner, "rope_deltas", None)
        if hasattr(inner, "rope_deltas"):
            inner.rope_deltas = None
        try:
            return self.loaded.model(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                **{self.prepared.pixels_name: self.prepared.pixel_values if pixels is None else pixels},
                **({named: types} if named else {}),
                **self.prepared.vision,
                **options,
            )
        finally:
            if hasattr(inner, "rope_deltas"):
                inner.rope_deltas = before

    def score(self, outputs: Any) -> Tensor:
        """The sum of the said tokens' logits."""
        return outputs.logits[0, self.rows, self.ids].sum()

    def gradient(self, module: nn.Module, site: str, pixels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """(activation, gradient) [visual tokens, width] where `module` is entered or left, weight gradients and all."""
        activation, gradient = self.everywhere(module, site, pixels)
        return activation[0, self.prepared.visual], gradient[0, self.prepared.visual]

    def everywhere(self, module: nn.Module, site: str, pixels: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """As `gradient`, of all that goes through the module, as it is laid out there."""
        held = {}

        def record(hidden: Tensor) -> None:
            if not hidden.requires_grad:
                hidden.requires_grad_()
            hidden.retain_grad()
            held["hidden"] = hidden

        if site == "input":
            handle = module.register_forward_pre_hook(self._entering(module, record))
        else:
            handle = module.register_forward_hook(lambda _, __, output: record(output))
        try:
            with _trained(self.loaded.model):
                self.score(self.outputs(pixels)).backward()
        finally:
            handle.remove()
        return held["hidden"].detach(), held["hidden"].grad

    def _entering(self, module: nn.Module, record: Callable[[Tensor], None]) -> Callable[..., Any]:
        def hook(_: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
            # What enters Gemma 4's decoder is read beside its layers as well; that does not count as the layer's.
            hidden = args[0].view_as(args[0]) if any(module is each for each in self.loaded.layers) else args[0]
            record(hidden)
            return hidden, *args[1:]

        return hook

    def pixel_gradient(self, pixels: Tensor) -> Tensor:
        """Of the score, with respect to the pixels."""
        pixels = pixels.clone().requires_grad_()
        return torch.autograd.grad(self.score(self.outputs(pixels)), pixels)[0]

    @property
    def attending(self) -> list[int]:
        """Decoder layers that have attention probabilities, by the names that transformers gives their kinds."""
        total = len(self.loaded.layers)
        kinds = getattr(own_decoder(self.loaded.model).config, "layer_types", None) or ["full_attention"] * total
        return [layer for layer, kind in enumerate(kinds) if kind != "linear_attention"]

    def attentions(self, pixels: Tensor | None = None) -> list[tuple[Tensor, Tensor]]:
        """(probabilities, gradient) of each layer, [heads, sequence, sequence], by eager attention.

        A layer without has those of the next one that has them.
        """
        model = self.loaded.model
        own = model.config._attn_implementation
        model.set_attn_implementation("eager")
        try:
            with _trained(model):
                outputs = self.outputs(pixels, output_attentions=True)
                gradients = torch.autograd.grad(self.score(outputs), outputs.attentions)
        finally:
            model.set_attn_implementation(own)
        pairs = [(p.detach()[0], g[0]) for p, g in zip(outputs.attentions, gradients, strict=True)]
        found = dict(zip(self.attending, pairs, strict=True))
        return [found[min(each for each in found if each >= layer)] for layer in range(len(self.loaded.layers))]

    def value_norms(self, pixels: Tensor | None = None) -> list[Tensor]:
        """Length of the values that each head of each layer may carry, [heads, sequence].

        A layer without has those of the next one that has them.
        """
        own, attends, found = ALL_ATTENTION_FUNCTIONS["sdpa"], {}, {}
        for layer in self.attending:
            attends |= {module: layer for module in self.loaded.layers[layer].modules()}

        def held(module: nn.Module, query: Tensor, key: Tensor, value: Tensor, *given: Any, **named: Any) -> Any:
            if module in attends:
                each = [
                    value[0, head * value.shape[1] // query.shape[1]].norm(dim=-1) for head in range(query.shape[1])
                ]
                found[attends[module]] = torch.stack(each)
            return own(module, query, key, value, *given, **named)

        ALL_ATTENTION_FUNCTIONS["sdpa"] = held
        try:
            with torch.no_grad():
                self.outputs(pixels)
        finally:
            del ALL_ATTENTION_FUNCTIONS["sdpa"]
        return [found[min(each for each in found if each >= layer)] for layer in range(len(self.loaded.layers))]

    def last_hidden(self, pixels: Tensor | None = None) -> Tensor:
        """What leaves the last layer, [sequence, width]."""
        held = {}
        handle = self.loaded.layers[-1].register_forward_hook(lambda _, __, output: held.update(hidden=output))
        try:
            with torch.no_grad():
                self.outputs(pixels)
        finally:
            handle.remove()
        return held["hidden"][0]

    def spread(self, heat: Tensor) -> Tensor:
        """Heat of the visual tokens -> of the cells of all pictures."""
        parts = heat.split([layout.tokens for layout in self.prepared.layouts])
        return torch.cat([slow_spread(*each) for each in zip(self.prepared.layouts, parts, strict=True)])


def own_decoder(model: nn.Module) -> nn.Module:
    """By the name that transformers gives it."""
    inner = model.model
    return inner.text_model if hasattr(inner, "text_model") else inner.language_model


def own_head(model: nn.Module, hidden: Tensor) -> Tensor:
    """Logits of what leaves the last layer."""
    logits = model.lm_head(own_decoder(model).norm(hidden))
    most = getattr(model.config.get_text_config(), "final_logit_softcapping", None)
    return logits if most is None else most * torch.tanh(logits / most)


def own_blocks(model: nn.Module) -> nn.ModuleList:
    """All blocks of the vision tower, by the names that transformers gives them."""
    inner = model.model
    if hasattr(inner, "visual"):
        return inner.visual.blocks
    encoder = (inner.vision_model if hasattr(inner, "vision_model") else inner.vision_tower).encoder
    return encoder.layer if hasattr(encoder, "layer") else encoder.layers


@contextmanager
def _trained(model: nn.Module) -> Iterator[None]:
    """Inside, weights want gradients."""
    model.requires_grad_(True)
    try:
        yield
    finally:
        model.zero_grad(set_to_none=True)
        model.requires_grad_(False)


def slow_spread(layout: TokenLayout, heat: Tensor) -> Tensor:
    """Heat of one picture's tokens -> of its cells: token by token, cell by cell, by the area that they share."""
    rows, columns = layout.grid
    found, token = torch.zeros(rows, columns, dtype=heat.dtype), 0
    for tile in layout.tiles:
        for top, bottom in tile.row_edges().T.tolist():
            for left, right in tile.column_edges().T.tolist():
                area = (bottom - top) * (right - left)
                for row in range(max(0, int(top * rows) - 1), min(rows, int(bottom * rows) + 2)):
                    for column in range(max(0, int(left * columns) - 1), min(columns, int(right * columns) + 2)):
                        high = min(bottom, (row + 1) / rows) - max(top, row / rows)
                        wide = min(right, (column + 1) / columns) - max(left, column / columns)
                        if high > 0 and wide > 0:
                            found[row, column] += heat[token] * high * wide / area
                token += 1
    return found.flatten()
