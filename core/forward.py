"""A picture, a prompt and its answer through the model, in the steps that explanations meddle with."""

from dataclasses import dataclass

import torch
from torch import Tensor

from core.loading import LoadedModel
from core.prompt import Prepared
from core.schema import Answer, Target
from core.scores import rival_id, score
from core.windows import grouped_windows


@dataclass(frozen=True, eq=False)
class Turn:
    """One prompt with its answer, on the model's device.

    Attributes:
        ids: int64 [1, sequence], the prompt's tokens and then the answer's.
        position_ids: as the model's `forward` takes them, for one sequence.
        embeddings: [1, sequence, width]; those of visual tokens are still placeholders.
        visual: int64 [visual tokens], their positions.
        question: int64 [question tokens], theirs.
        answer: int64 [answer tokens], ids.
        prompt_length: position of the answer's first token.
        image_grid: int64 [1, 3], see `core.prompt.Prepared`.
        grid: (rows, columns) of visual tokens.
    """

    ids: Tensor
    position_ids: Tensor
    embeddings: Tensor
    visual: Tensor
    question: Tensor
    answer: Tensor
    prompt_length: int
    image_grid: Tensor
    grid: tuple[int, int]

    def rows(self, indices: Tensor) -> Tensor:
        """Positions at which answer tokens are predicted: one before their own."""
        return self.prompt_length - 1 + indices


@dataclass(frozen=True, eq=False)
class Aim:
    """A target on one answer.

    Attributes:
        target: what is explained.
        indices: int64 [tokens], the answer tokens that count.
        rival: for a contrast, the id that the said token is held against.
    """

    target: Target
    indices: Tensor
    rival: int | None = None


def lay_out(loaded: LoadedModel, prepared: Prepared, answer: Answer) -> Turn:
    """Puts prompt and answer in a row. Here and below, the caller holds the model's lock and has frozen it."""
    device = loaded.device
    answer_ids = torch.tensor([token.id for token in answer.tokens])
    ids, types = (tensor.to(device) for tensor in prepared.with_answer(answer_ids))
    grid = prepared.image_grid.to(device)
    with torch.no_grad():
        return Turn(
            ids=ids,
            position_ids=loaded.family.positions(loaded.model, ids, types, grid),
            embeddings=loaded.family.embed_tokens(loaded.model, ids),
            visual=prepared.visual.to(device),
            question=prepared.question.to(device),
            answer=answer_ids.to(device),
            prompt_length=prepared.prompt_length,
            image_grid=grid,
            grid=prepared.grid,
        )


def take_aim(loaded: LoadedModel, target: Target, answer: Answer) -> Aim:
    """Finds a target in an answer.

    Raises:
        InputError: it is not there; the message says what is.
    """
    indices = torch.tensor(target.indices(answer), device=loaded.device)
    rival = rival_id(loaded.processor.tokenizer, target, answer) if target.kind == "contrast" else None
    return Aim(target, indices, rival)


def encode(loaded: LoadedModel, turn: Turn, pixels: Tensor) -> Tensor:
    """Normalised pixels [batch, patches, patch values] -> features [batch, visual tokens, width]."""
    grid = turn.image_grid.expand(len(pixels), -1)
    # Moved first and rounded there: while pinned memory is fetched, the CPU goes on.
    pixels = pixels.to(loaded.device, non_blocking=True).to(loaded.model.dtype)
    with grouped_windows(loaded.model.config):
        features = loaded.family.encode_image(loaded.model, pixels.flatten(0, 1), grid)
    return features.view(len(pixels), len(turn.visual), -1)


def answer_logits(loaded: LoadedModel, turn: Turn, features: Tensor, indices: Tensor) -> Tensor:
    """Logits where some answer tokens are predicted, from given features of the picture.

    Args:
        features: [batch, visual tokens, width], as `encode` returns them.
        indices: int64 [tokens], which answer tokens.

    Returns:
        [batch, tokens, vocabulary].
    """
    batch = len(features)
    embeddings = turn.embeddings.repeat(batch, 1, 1)
    embeddings[:, turn.visual] = features.to(embeddings.dtype)
    return loaded.model(
        inputs_embeds=embeddings,
        position_ids=turn.position_ids.expand(-1, batch, -1),
        use_cache=False,
        logits_to_keep=turn.rows(indices),
    ).logits


def score_of(loaded: LoadedModel, turn: Turn, features: Tensor, aim: Aim) -> Tensor:
    """The target's score, float32 [batch], from given features [batch, visual tokens, width]."""
    logits = answer_logits(loaded, turn, features, aim.indices)
    return score(logits, turn.answer[aim.indices], aim.target, aim.rival)
