"""What each token of an answer rests on: the picture, the question, or what the answer says before it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from core.inference.forward import build_sequence
from core.inputs.pictures import Picture, digest_of
from core.inputs.prompt import Prepared, prepare_for
from core.inputs.token_text import ids_within
from core.interventions.asking_again import Model, OnStep, Steps, explained_answer, log_probabilities, unheard
from core.interventions.fills import filled
from core.interventions.reliance_report import Reliance, TokenReliance
from core.interventions.report import FILLS, check_fills
from core.models.hooks import frozen
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest, Token
from core.schema.time_steps import refuse_video

NEUTRAL = "..."
"""What stands in the place of a question, and of the tokens of an answer: text that says nothing.

Taking them out would move every token behind them to another position, and leave an empty message, which some chat
templates refuse and none was trained on.
"""


def reliance(
    model: Model,
    pictures: Picture | Sequence[Picture],
    request: ExplainRequest,
    fills: Sequence[str] = FILLS,
    answer: Answer | None = None,
    *,
    on_step: OnStep = unheard,
) -> Reliance:
    """By how much the log-probability of each token falls without the pictures, the question and the answer so far.

    Each is an intervention: the model is asked again with something else in its place, all else as it was. Three
    passes, and one a fill, whatever the answer's length.

    - Without the pictures: a fill in the place of all pixels of all of them.
    - Without the question: `NEUTRAL` in its place, in the same chat template.
    - Without the answer so far: tokens of `NEUTRAL` in the place of all of the answer's, as many; none of them sees a
      later one. The first token has nothing before it and rests on it by 0.

    Args:
        request: the question; of its target the sentence counts alone, of its noise the seed.
        The rest: as `core.interventions.what_if.what_if`.

    Raises:
        InputError: there is no such fill.
        OutOfMemoryError: not even one sequence fits on the device.
    """
    refuse_video(request, "What an answer rests on")
    fills, loaded = check_fills(fills), model.loaded
    listed = [pictures] if isinstance(pictures, Picture) else list(pictures)
    steps = Steps(len(fills) + 4, on_step)

    def unlikely(prepared: Prepared, pixels: Tensor, given: Answer) -> np.ndarray:
        """Log-probabilities [variants, tokens] of what was said, with an answer in its place."""
        sequence = build_sequence(loaded, prepared, given)
        return log_probabilities(loaded, sequence, pixels, ids, steps.tick).numpy()

    with loaded.lock, frozen(loaded.model):
        steps.begin(doing="Asking about the whole picture")
        prepared = prepare_for(loaded, listed, request)
        said = explained_answer(loaded, prepared, request) if answer is None else answer
        ids = torch.tensor([token.id for token in said.tokens])
        steps.begin(doing="Asking without the picture", done=1)
        blank = [prepare_for(loaded, _without(listed, fill, request.seed), request).pixel_values for fill in fills]
        log_p = unlikely(prepared, torch.stack([prepared.pixel_values, *blank]), said)
        steps.begin(doing="Asking without the question", done=1 + len(fills))
        asked = prepare_for(loaded, listed, replace(request, prompt=NEUTRAL))
        (unasked,) = unlikely(asked, asked.pixel_values[None], said)
        steps.begin(doing="Asking without the answer so far", done=1)
        (untold,) = unlikely(prepared, prepared.pixel_values[None], neutral_answer(loaded, len(ids)))
    untold[0] = log_p[0, 0]
    without = log_p[0] - np.stack([*log_p[1:], unasked, untold])  # [fills, question, so far; tokens]
    return Reliance(said.text, fills, tuple(map(_token, said.tokens, without.T.tolist())))


def _token(token: Token, without: Sequence[float]) -> TokenReliance:
    *picture, question, so_far = without
    return TokenReliance(token.text, token.start, token.stop, tuple(picture), question, so_far)


def neutral_answer(loaded: LoadedModel, length: int) -> Answer:
    """An answer of so many tokens that says nothing: those of `NEUTRAL`, again and again."""
    ids = ids_within(loaded.processor.tokenizer, NEUTRAL)
    return Answer("", tuple(Token(ids[index % len(ids)], "", 1.0) for index in range(length)))


def _without(pictures: Sequence[Picture], fill: str, seed: int) -> list[Picture]:
    """The pictures with a fill in the place of all pixels of each."""
    found = []
    for picture in pictures:
        everywhere = np.ones(picture.pixels.shape[:2], bool)
        pixels = filled(picture.pixels, everywhere, everywhere, fill, seed)
        found.append(Picture(pixels, digest_of(pixels)))
    return found
