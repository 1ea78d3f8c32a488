"""What memory a run will take, said before the model was ever loaded. No torch here."""

from collections.abc import Sequence
from dataclasses import replace

from core.errors import ModelError
from core.memory.budget import expected_bytes
from core.memory.estimate import peak, sweep_load
from core.memory.out_of_memory import first_chunk_size
from core.models.checkpoints import ModelCard
from core.models.dimensions import ITEM_BYTES, read_dimensions
from core.models.visual_token_count import most_visual_tokens
from core.schema import ExplainRequest
from core.schema.methods import METHODS

LIBRARIES = 450 << 20
"""Resident memory of a process on the CPU that has loaded torch and transformers and no model, as measured."""

TEMPLATE = 30
"""Tokens of the chat template around picture and prompt; a token of a prompt is about four letters."""


def predicted_peak(card: ModelCard, sizes: Sequence[tuple[int, int]], request: ExplainRequest) -> int | None:
    """Bytes that a run will take at once where so much is free; it manages with less.

    Args:
        sizes: (width, height) of its pictures in pixels.

    Returns:
        None where the model's files do not tell.
    """
    dimensions = read_dimensions(card.folder)
    if dimensions is None or dimensions.tower is None:
        return None
    item = ITEM_BYTES[card.dtype]
    try:
        weights = expected_bytes(card)
        visual = most_visual_tokens(sizes, card.folder, request.max_pixels)
    except (ModelError, OSError, ValueError, KeyError, TypeError):
        return None
    length = TEMPLATE + visual + len(request.prompt) // 4 + request.max_new_tokens
    device = card.device.partition(":")[0]
    samples = first_chunk_size(length, device, request.num_samples if request.noise_std else 1)
    load = sweep_load(dimensions.layers, length, visual, request.max_new_tokens, samples)
    if request.method in METHODS and METHODS[request.method].group == "pixels":
        load = replace(load, pixels=request.method != "occlusion")
    return peak(dimensions, load, item, weights) + (LIBRARIES if device == "cpu" else 0)
