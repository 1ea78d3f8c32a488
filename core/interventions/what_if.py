"""What the model would say without a part of a picture, or with nothing but that part."""

from collections.abc import Sequence

import numpy as np
import torch

from core.errors import InputError
from core.inference.forward import build_sequence
from core.inference.generation import generate_answer
from core.inputs.pictures import Picture, digest_of
from core.inputs.prompt import Prepared, prepare_for
from core.interventions.asking_again import Model, OnStep, Steps, answers, explained_answer, log_probabilities, unheard
from core.interventions.fills import filled
from core.interventions.removal import Removal
from core.interventions.report import FILLS, Intervention, TokenChange, WhatIf, check_fills
from core.models.hooks import frozen
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest
from core.schema.checks import check_instance
from core.schema.time_steps import refuse_video


def what_if(
    model: Model,
    pictures: Picture | Sequence[Picture],
    request: ExplainRequest,
    removal: Removal,
    fills: Sequence[str] = FILLS,
    answer: Answer | None = None,
    *,
    on_step: OnStep = unheard,
) -> WhatIf:
    """Asks a request's question of its pictures, of which one lacks a part.

    The part is replaced in the picture's own pixels, before anything else: what the model is given is the picture that
    somebody would have made who paints the part over and asks again.

    Args:
        model: holds the loaded model.
        pictures: the prompt's.
        request: the question; of its target the sentence counts alone, of its noise the seed.
        removal: what is removed from which picture.
        fills: what stands in its place, names of `FILLS`.
        answer: what the request explains, where it is known.
        on_step: hears what is done now and how much of all is done; what it raises stops the work.

    Returns:
        One intervention a fill, in their order.

    Raises:
        InputError: there is no such picture, cell or fill, or nothing or all of the picture would be removed.
        OutOfMemoryError: not even one sequence fits on the device.
    """
    refuse_video(request, "Taking a part away")
    check_instance("What is removed", removal, Removal, "a Removal")
    fills, loaded = check_fills(fills), model.loaded
    listed = [pictures] if isinstance(pictures, Picture) else list(pictures)
    if removal.picture >= len(listed):
        raise InputError(f"There is no picture number {removal.picture + 1}; the prompt has {len(listed)}.")
    steps = Steps(2 * len(fills) + 2, on_step)
    with loaded.lock, frozen(loaded.model):
        steps.begin(doing="Asking about the whole picture")
        prepared = prepare_for(loaded, listed, request)
        shown = listed[removal.picture]
        mask = removal.mask(shown.size, prepared.grids[removal.picture])
        said = explained_answer(loaded, prepared, request) if answer is None else answer
        old = said
        if request.target.sentence is not None:
            old = generate_answer(loaded, prepared, request.max_new_tokens)
        steps.begin(doing="Painting a part of the picture over", done=1)
        painted = [filled(shown.pixels, mask, removal.around(mask), fill, request.seed) for fill in fills]
        variants = [prepared, *(_with(loaded, listed, removal.picture, each, request) for each in painted)]
        pixels = torch.stack([each.pixel_values for each in variants])
        sequence, ids = build_sequence(loaded, prepared, said), torch.tensor([token.id for token in said.tokens])
        log_p = log_probabilities(loaded, sequence, pixels, ids, steps.tick).numpy()
        steps.begin(doing="Asking about the picture without that part", done=1 + len(fills))
        new = answers(loaded, prepared, sequence, pixels[1:], request, steps.tick)
    return WhatIf(
        region=removal.region,
        cells=removal.cells,
        keep=removal.keep,
        picture=removal.picture,
        share=float(mask.mean()),
        old_answer=old.text,
        sentence=None if request.target.sentence is None else said.text,
        interventions=tuple(
            _intervention(fill, each, old, said, log_p[0], without)
            for fill, each, without in zip(fills, new, log_p[1:], strict=True)
        ),
    )


def _with(
    loaded: LoadedModel, pictures: Sequence[Picture], number: int, pixels: np.ndarray, request: ExplainRequest
) -> Prepared:
    """The question with other pixels in the place of one picture's."""
    changed = list(pictures)
    changed[number] = Picture(pixels, digest_of(pixels))
    return prepare_for(loaded, changed, request)


def _intervention(
    fill: str, new: Answer, old: Answer, said: Answer, before: np.ndarray, after: np.ndarray
) -> Intervention:
    """What one fill came to.

    Args:
        before, after: float64 [tokens], log-probabilities of the explained tokens.
    """
    return Intervention(
        fill=fill,
        answer=new.text,
        changed=new.said_text != old.said_text,
        tokens=tuple(
            TokenChange(token.text, float(p), float(q))
            for token, p, q in zip(said.tokens, np.exp(before), np.exp(after), strict=True)
        ),
        log_p_before=float(before.sum()),
        log_p_after=float(after.sum()),
    )
