"""The model asked again about changed pictures: what it says, and how likely what it said before is then."""

from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor

from core.inference.forward import TokenSequence, answer_logits, encode
from core.inference.generation import force_answer, generate_answer, generate_answers
from core.inputs.prompt import Prepared
from core.memory.out_of_memory import first_chunk_size, in_chunks
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest

OnStep = Callable[[str, int, int], None]
"""(what is done now, how much of all is done, all)"""


def unheard(doing: str, done: int, total: int) -> None:
    """Where nobody wants to hear of steps."""


class Steps:
    """How far work is, for whoever listens.

    Args:
        total: of all that is to do.
        on_step: what it raises stops the work.
    """

    def __init__(self, total: int, on_step: OnStep) -> None:
        self._doing, self._done, self._total, self._on_step = "", 0, total, on_step

    def begin(self, doing: str, done: int = 0) -> None:
        """Says what is done from now on, and how much was done just before."""
        self._doing, self._done = doing, self._done + done
        self.tick()

    def tick(self) -> None:
        """Says the same once more, to hear whether to stop."""
        self._on_step(self._doing, self._done, self._total)


class Model(Protocol):
    """Whoever holds a loaded model, such as `core.engine.runs.Runs`."""

    loaded: LoadedModel


def log_probabilities(
    loaded: LoadedModel, sequence: TokenSequence, pixels: Tensor, said: Tensor, tick: Callable[[], None]
) -> Tensor:
    """Log-probability of each token of an answer after the tokens before it, by variants of the pictures.

    The caller holds the model's lock and has frozen it.

    Args:
        sequence: the prompt, and what stands in the answer's place.
        pixels: float32 [variants, ...], normalised.
        said: int64 [tokens], the answer's ids, as many as the sequence's.
        tick: called after each chunk; what it raises stops the work.

    Returns:
        float64 [variants, tokens], on the CPU, in nats.
    """
    indices = torch.arange(len(said), device=loaded.device)
    said = said.to(loaded.device)

    def ask(chunk: range) -> Tensor:
        logits = answer_logits(loaded, sequence, encode(loaded, sequence, pixels[chunk.start : chunk.stop]), indices)
        found = logits.float().log_softmax(-1).gather(-1, said.expand(len(logits), -1)[..., None])
        return found.squeeze(-1).double().cpu()

    rows = []
    with torch.no_grad():
        for _, values in in_chunks(len(pixels), _at_once(loaded, sequence, len(pixels)), ask):
            rows.append(values)
            tick()
    return torch.cat(rows)


def answers(
    loaded: LoadedModel,
    prepared: Prepared,
    sequence: TokenSequence,
    pixels: Tensor,
    request: ExplainRequest,
    tick: Callable[[], None],
) -> Sequence[Answer]:
    """What the model says of variants of the pictures, as many at once as fit; arguments as `log_probabilities`.

    Args:
        request: says how long an answer may be, and how it is drawn.
    """
    found: list[Answer] = []

    def ask(chunk: range) -> list[Answer]:
        part = pixels[chunk.start : chunk.stop]
        return generate_answers(loaded, prepared, part, request.max_new_tokens, tick, request.sampling)

    for _, said in in_chunks(len(pixels), _at_once(loaded, sequence, len(pixels)), ask):
        found += said
    return found


def explained_answer(loaded: LoadedModel, prepared: Prepared, request: ExplainRequest) -> Answer:
    """The answer that a request explains: the model's own, or its sentence."""
    if request.target.sentence is not None:
        return force_answer(loaded, prepared, request.target.sentence)
    return generate_answer(loaded, prepared, request.max_new_tokens, sampling=request.sampling)


def _at_once(loaded: LoadedModel, sequence: TokenSequence, total: int) -> int:
    return first_chunk_size(sequence.ids.shape[1], loaded.device.type, total)
