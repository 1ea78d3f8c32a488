"""The logit lens (nostalgebraist 2020): what the model would say at the picture's tokens, after each layer.

What leaves a layer at a visual token goes through the model's last norm and its output head, as if it had left the last
layer; for vision-language models as Neo et al. 2024 (arXiv:2410.07149) do it. A layer's states are read while they pass
by, and the head sees a few positions at a time: of a vocabulary of 150,000 no more than that is ever in memory.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from core.errors import InputError
from core.inference.forward import answer_states, build_sequence, encode
from core.inputs.pictures import Picture
from core.inputs.prompt import prepare_for
from core.inputs.token_text import reader
from core.memory.out_of_memory import whole
from core.models.hooks import frozen, watched
from core.models.loading import LoadedModel
from core.schema import Answer, ExplainRequest
from core.schema.readings.logit_lens import NO_TOKEN, TOP_TOKENS, LogitLens, check_cell, lens_request
from core.schema.time_steps import refuse_video

READING = "Asking every cell at every layer"
LOGIT_BYTES = 2**26
"""Logits that are in memory at once, in float32; with what becomes of them, some three times as many bytes."""

OnStep = Callable[..., None]
"""(what is done now, layers read, of how many)"""


def read_lens(
    explainer: Any,
    pictures: Picture | Sequence[Picture],
    request: ExplainRequest,
    layers: tuple[int, ...] | None = None,
    cell: tuple[int, int] | None = None,
    *,
    on_step: OnStep = lambda doing, done, total: None,
) -> LogitLens:
    """The likeliest tokens at the cells of a picture, after each layer; one forward pass of picture and prompt.

    Where tokens of several sizes lie over a cell, the smallest one speaks for it.

    Args:
        explainer: whose model is asked, see `core.engine.runs.Runs`.
        pictures: the prompt's; the cells are of the one that the request names.
        request: about these pictures; its method, target and noise do not matter.
        layers: after which ones, ascending; None for all.
        cell: (row, column) of the only one that is wanted; None for all.
        on_step: hears of each layer; what it raises stops the work.

    Raises:
        InputError: there is no such cell, or no visual token over the only one.
        OutOfMemoryError: the device's memory does not suffice.
    """
    refuse_video(request, "The logit lens of every cell")
    loaded = explainer.loaded
    read = tuple(range(len(loaded.layers))) if layers is None else layers
    request = lens_request(request, read)
    with loaded.lock, frozen(loaded.model), torch.no_grad(), whole():
        prepared = prepare_for(loaded, pictures, request)
        # Nothing at the picture's tokens depends on what follows them.
        sequence = build_sequence(loaded, prepared, Answer("", ()))
        layout = sequence.layouts[request.picture]
        tokens = sequence.visual.split([each.tokens for each in sequence.layouts])[request.picture]
        over = layout.finest()
        if cell is not None:
            check_cell(cell, layout.grid)
            kept = torch.arange(len(over)) == cell[0] * layout.grid[1] + cell[1]
            over = over.where(kept, NO_TOKEN)
            if over.max() < 0:
                raise InputError(
                    "No visual token lies over this cell: the model does not see this place. Choose another."
                )
        seen, which = over[over >= 0].unique(return_inverse=True)
        positions = tokens[seen.to(tokens.device)]
        on_step(READING, 0, len(read))
        found: dict[int, tuple[Tensor, Tensor]] = {}

        def see(layer: int, hidden: Tensor) -> None:
            found[layer] = top_tokens(loaded, hidden[0, positions.to(hidden.device)])
            on_step(READING, len(found), len(read))

        with watched({layer: loaded.layers[layer] for layer in read}, see, "output"):
            pixels = prepared.pixel_values[None]
            first = torch.zeros(1, dtype=torch.int64, device=sequence.visual.device)
            answer_states(loaded, sequence, encode(loaded, sequence, pixels), first)
    ids, chances = (torch.stack([found[layer][part] for layer in read]) for part in range(2))
    return _placed(loaded, request, over, which, ids, chances, layout.grid)


def top_tokens(loaded: LoadedModel, hidden: Tensor) -> tuple[Tensor, Tensor]:
    """The likeliest tokens of states that leave a decoder layer.

    Args:
        hidden: [positions, width].

    Returns:
        Ids int64 and probabilities float32, both [positions, tokens], likeliest first, on the CPU.
    """
    model, family = loaded.model, loaded.family
    vocabulary = model.config.get_text_config().vocab_size
    ids, chances = [], []
    for block in hidden.split(max(1, LOGIT_BYTES // (4 * vocabulary))):
        states = family.final_norm(model)(block[None].to(loaded.device))
        logits = family.head(model, states)[0].float()
        best = logits.topk(min(TOP_TOKENS, logits.shape[-1]))
        ids.append(best.indices.cpu())
        chances.append((best.values - logits.logsumexp(-1, keepdim=True)).exp().cpu())
    return torch.cat(ids), torch.cat(chances)


def _placed(
    loaded: LoadedModel,
    request: ExplainRequest,
    over: Tensor,
    which: Tensor,
    ids: Tensor,
    chances: Tensor,
    grid: tuple[int, int],
) -> LogitLens:
    """Tokens of positions [layers, positions, tokens] -> of cells."""
    shape = (len(ids), len(over), ids.shape[-1])
    placed, likely = torch.full(shape, NO_TOKEN, dtype=torch.int64), torch.zeros(shape)
    placed[:, over >= 0], likely[:, over >= 0] = ids[:, which], chances[:, which]
    read = reader(loaded.processor.tokenizer, skip_special_tokens=False)
    texts = {token: read([token]) for token in ids.unique().tolist()}
    return LogitLens(
        request=request,
        ids=placed.unflatten(1, grid).numpy().astype(np.int32),
        probabilities=likely.unflatten(1, grid).numpy(),
        texts=texts,
        total_layers=len(loaded.layers),
    )
