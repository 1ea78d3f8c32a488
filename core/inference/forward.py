"""Pictures, a prompt and its answer through the model, in the steps that explanations meddle with."""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.inference.scores import rival_id, score
from core.inputs.prompt import Prepared
from core.models.families.base import Decoding
from core.models.families.windowed_attention import grouped_windows
from core.models.loading import LoadedModel
from core.models.token_layout import TokenLayout
from core.schema import Answer, Target
from core.schema.model_parts import Part


@dataclass(frozen=True, eq=False)
class TokenSequence:
    """One prompt with its answer, on the model's device.

    Attributes:
        ids: int64 [1, sequence], the prompt's tokens and then the answer's.
        types: int64 [1, sequence], 1 at placeholders of pictures, 2 at those of a video, else 0.
        position_ids: as the model's `forward` takes them, for one sequence.
        embeddings: [1, sequence, width]; what stands at placeholders means nothing.
        placeholders: int64 [placeholders], positions that features of the pictures take.
        visual: int64 [visual tokens], positions of those that stand for a part of a picture.
        question: int64 [question tokens], theirs.
        answer: int64 [answer tokens], ids.
        prompt_length: position of the answer's first token.
        vision: see `core.inputs.prompt.Prepared`.
        layouts: how the decoder sees each picture.
        tower_layouts: how the vision tower does, patch by patch.
    """

    ids: Tensor
    types: Tensor
    position_ids: Tensor
    embeddings: Tensor
    placeholders: Tensor
    visual: Tensor
    question: Tensor
    answer: Tensor
    prompt_length: int
    vision: dict[str, Tensor]
    layouts: tuple[TokenLayout, ...]
    tower_layouts: tuple[TokenLayout, ...]

    def rows(self, indices: Tensor) -> Tensor:
        """Positions at which answer tokens are predicted: one before their own."""
        return self.prompt_length - 1 + indices

    @property
    def cells(self) -> int:
        """Cells of the decoder's maps of all pictures."""
        return sum(layout.cells for layout in self.layouts)

    def layouts_of(self, part: Part) -> tuple[TokenLayout, ...]:
        """How a part of the model sees each picture."""
        return self.tower_layouts if part == "tower" else self.layouts

    def cells_of(self, picture: int, part: Part = "decoder") -> slice:
        """Where one picture's cells stand among those of all."""
        layouts = self.layouts_of(part)
        first = sum(layout.cells for layout in layouts[:picture])
        return slice(first, first + layouts[picture].cells)

    def spread(self, heat: Tensor, part: Part = "decoder") -> Tensor:
        """Heat of visual tokens or patches [..., tokens] -> of the cells of all pictures [..., cells]."""
        return torch.cat([layout.spread(own) for layout, own in self._by_picture(heat, part)], dim=-1)

    def peak(self, values: Tensor, part: Part = "decoder") -> Tensor:
        """As `spread`, for values of which a cell takes the largest; see `TokenLayout.peak`."""
        return torch.cat([layout.peak(own) for layout, own in self._by_picture(values, part)], dim=-1)

    def _by_picture(self, values: Tensor, part: Part) -> list[tuple[TokenLayout, Tensor]]:
        layouts = self.layouts_of(part)
        return list(zip(layouts, values.split([layout.tokens for layout in layouts], dim=-1), strict=True))


@dataclass(frozen=True, eq=False)
class ResolvedTarget:
    """A target on one answer.

    Attributes:
        target: what is explained.
        indices: int64 [tokens], the answer tokens that count.
        rival: for a contrast, the id that the said token is held against.
    """

    target: Target
    indices: Tensor
    rival: int | None = None


def build_sequence(loaded: LoadedModel, prepared: Prepared, answer: Answer) -> TokenSequence:
    """One sequence of a prompt and its answer. Here and below, the caller holds the model's lock and has frozen it."""
    device = loaded.device
    answer_ids = torch.tensor([token.id for token in answer.tokens], dtype=torch.int64)
    ids, types = (tensor.to(device) for tensor in prepared.with_answer(answer_ids))
    vision = {name: tensor.to(device) for name, tensor in prepared.vision.items()}
    with torch.no_grad():
        return TokenSequence(
            ids=ids,
            types=types,
            position_ids=loaded.family.positions(loaded.model, ids, types, vision),
            # A placeholder's id need not be in the vocabulary.
            embeddings=loaded.model.get_input_embeddings()(ids.masked_fill(types > 0, 0)),
            placeholders=prepared.placeholders.to(device),
            visual=prepared.visual.to(device),
            question=prepared.question.to(device),
            answer=answer_ids.to(device),
            prompt_length=prepared.prompt_length,
            vision=vision,
            layouts=prepared.layouts,
            tower_layouts=prepared.tower_layouts,
        )


def resolve_target(loaded: LoadedModel, target: Target, answer: Answer) -> ResolvedTarget:
    """Finds a target in an answer.

    Raises:
        InputError: it is not there; the message says what is.
    """
    indices = torch.tensor(target.indices(answer), device=loaded.device)
    rival = rival_id(loaded.processor.tokenizer, target, answer) if target.kind == "contrast" else None
    return ResolvedTarget(target, indices, rival)


def encode(loaded: LoadedModel, sequence: TokenSequence, pixels: Tensor) -> Tensor:
    """Normalised pixels [batch, ...] -> features [batch, placeholders, width or a multiple of it]."""
    # Moved first and rounded there: while pinned memory is fetched, the CPU goes on.
    pixels = pixels.to(loaded.device, non_blocking=True).to(loaded.model.dtype)
    with grouped_windows(loaded.model.config):
        return loaded.family.encode_image(loaded.model, pixels, sequence.vision).to(loaded.device)


def answer_states(loaded: LoadedModel, sequence: TokenSequence, features: Tensor, indices: Tensor) -> Tensor:
    """States that enter the output head where some answer tokens are predicted, from features of the pictures.

    Args:
        features: [batch, placeholders, ...], as `encode` returns them.
        indices: int64 [tokens], which answer tokens.

    Returns:
        [batch, tokens, width].
    """
    batch, positions = len(features), sequence.position_ids
    embeddings = sequence.embeddings.repeat(batch, 1, 1)
    embeddings[:, sequence.placeholders] = features[..., : embeddings.shape[-1]].to(embeddings.dtype)
    decoding = Decoding(
        embeddings=embeddings,
        features=features,
        ids=sequence.ids,
        placeholders=sequence.placeholders,
        types=sequence.types,
        position_ids=positions.expand(*positions.shape[:-2], batch, -1),
        rows=sequence.rows(indices),
    )
    return loaded.family.decode(loaded.model, decoding)


def answer_logits(loaded: LoadedModel, sequence: TokenSequence, features: Tensor, indices: Tensor) -> Tensor:
    """Logits where some answer tokens are predicted, [batch, tokens, vocabulary]; arguments as `answer_states`."""
    return loaded.family.head(loaded.model, answer_states(loaded, sequence, features, indices))


def score_of(loaded: LoadedModel, sequence: TokenSequence, features: Tensor, target: ResolvedTarget) -> Tensor:
    """The target's score, float32 [batch], from given features as `encode` returns them."""
    logits = answer_logits(loaded, sequence, features, target.indices)
    return score(logits, sequence.answer[target.indices], target.target, target.rival)
