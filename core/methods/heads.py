"""The attention of single heads, read in one pass without a gradient: what the method "attention" averages over."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from core.analysis.artefacts import SINK_PEAK
from core.analysis.similarity import agreement
from core.errors import InputError
from core.inference.attention import AttentionRecorder, LayerAttention, head_sums, record_attention
from core.inference.forward import TokenSequence, answer_states, build_sequence, encode, resolve_target
from core.inputs.pictures import Picture
from core.inputs.prompt import prepare_for
from core.memory.out_of_memory import whole
from core.methods.attribution import activation_peak
from core.models.hooks import frozen, watched
from core.models.loading import LoadedModel
from core.schema import ExplainResult
from core.schema.model_parts import DecoderDepth
from core.schema.readings.head_maps import HeadMaps, heads_request
from core.schema.time_steps import refuse_video

READING = "Reading the attention of every head"

OnStep = Callable[..., None]
"""(what is done now, layers read, of how many)"""


def read_heads(
    explainer: Any,
    pictures: Picture | Sequence[Picture],
    result: ExplainResult,
    layers: tuple[int, ...] | None = None,
    *,
    on_step: OnStep = lambda doing, done, total: None,
) -> HeadMaps:
    """The attention of every head while what a result explains is predicted, held against that result's map.

    One forward pass without noise; of each layer only the rows of the explained tokens are worked out, and only while
    it runs. Layers with a sliding window are read within it.

    Args:
        explainer: whose model is asked, see `core.engine.runs.Runs`.
        pictures: the prompt's; the maps are of the one that the result's request names.
        result: of one map in all over the decoder's grid, the recommended one.
        layers: those to be read, ascending; None for all. Those that do not attend are left out.
        on_step: hears of each layer; what it raises stops the work.

    Raises:
        InputError: none of the layers attends, or the result's map is of another grid.
        OutOfMemoryError: the device's memory does not suffice.
    """
    refuse_video(result.request, "The reading of single heads")
    loaded, reference = explainer.loaded, result.at()
    read = attending_layers(loaded.decoder, layers)
    request = heads_request(result.request, read)
    with loaded.lock, frozen(loaded.model), torch.no_grad(), whole():
        prepared = prepare_for(loaded, pictures, request)
        sequence = build_sequence(loaded, prepared, result.answer)
        indices = resolve_target(loaded, request.target, result.answer).indices
        tokens = _tokens_of(sequence, request.picture)
        on_step(READING, 0, len(read))
        found = _read(loaded, sequence, prepared.pixel_values[None], indices, tokens, read, on_step)
    heat, picture, sinks = (torch.stack([found[layer][part] for layer in read]) for part in range(3))
    cells = sequence.layouts[request.picture].spread(heat)
    grid = sequence.layouts[request.picture].grid
    if reference.shape != grid:
        raise InputError(f"The map that heads are held against has the grid {reference.shape}, not {grid} as theirs.")
    maps = cells.unflatten(-1, grid).numpy()
    return HeadMaps(
        request=request,
        answer=result.answer,
        heat=maps,
        picture_share=picture.numpy(),
        sink_share=sinks.numpy(),
        agreement=agreement(maps, reference),
        total_layers=len(loaded.layers),
    )


def attending_layers(depth: DecoderDepth, layers: tuple[int, ...] | None) -> tuple[int, ...]:
    """Those of some layers that have heads to be read.

    Raises:
        InputError: none has; the message says which have.
    """
    found = tuple(layer for layer in depth.attending if layers is None or layer in layers)
    if not found:
        able = ", ".join(map(str, depth.attending))
        raise InputError(
            f"None of the chosen layers attends: they mix tokens without attention, and have no heads. Layers that "
            f"attend: {able}."
        )
    return found


def _tokens_of(sequence: TokenSequence, picture: int) -> Tensor:
    """Positions of one picture's visual tokens."""
    return sequence.visual.split([layout.tokens for layout in sequence.layouts])[picture]


def _read(
    loaded: LoadedModel,
    sequence: TokenSequence,
    pixels: Tensor,
    indices: Tensor,
    tokens: Tensor,
    layers: tuple[int, ...],
    on_step: OnStep,
) -> dict[int, tuple[Tensor, Tensor, Tensor]]:
    """Layer -> heat [heads, tokens], its share on the picture and on its sinks [heads], on the CPU."""
    rows, sinks = sequence.rows(indices), {}

    def look(layer: int, hidden: Tensor) -> None:
        peaks = activation_peak(hidden[0, tokens.to(hidden.device)].float())
        sinks[layer] = (peaks >= SINK_PEAK).to(rows.device)

    def read(layer: int, attention: LayerAttention) -> tuple[Tensor, Tensor, Tensor]:
        heat = head_sums(attention, rows, tokens)[0]
        shares = heat.sum(-1) / len(rows), (heat * sinks[layer]).sum(-1) / len(rows)
        on_step(READING, layers.index(layer) + 1, len(layers))
        return tuple(each.cpu() for each in (heat, *shares))

    recorder = AttentionRecorder(layers, rows, graded=(), read=read)
    with (
        watched({layer: loaded.layers[layer] for layer in layers}, look, "input"),
        record_attention(loaded.family.decoder_config(loaded.model), recorder) as found,
    ):
        answer_states(loaded, sequence, encode(loaded, sequence, pixels), indices)
    return found
