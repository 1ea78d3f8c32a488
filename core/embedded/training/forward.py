"""One training forward pass over a packed batch."""

from dataclasses import dataclass

import torch
from transformers import Qwen2_5_VLForConditionalGeneration

from core.embedded.training.batched_vision import encode_pictures
from core.embedded.training.packing import PackedBatch


@dataclass(frozen=True)
class Activations:
    """What the losses read.

    Attributes:
        logits: float [K, vocabulary], at the positions of `PackedBatch.answers`.
        visual: the merger's output, float [B, N, width].
        hidden: the input of each decoder layer, float [B, L, width] each.
    """

    logits: torch.Tensor
    visual: torch.Tensor
    hidden: tuple[torch.Tensor, ...]


def forward(model: Qwen2_5_VLForConditionalGeneration, batch: PackedBatch) -> Activations:
    """Run the stock decoder on packed sequences; each question sees what it would see alone."""
    visual = encode_pictures(model.model.visual, batch.pixel_values, batch.grid)
    embedded = model.get_input_embeddings()(batch.input_ids)
    visual_end = batch.visual_start + visual.shape[1]
    embedded = torch.cat([embedded[:, : batch.visual_start], visual, embedded[:, visual_end:]], 1)
    output = model.model.language_model(
        inputs_embeds=embedded,
        attention_mask={"full_attention": batch.mask},
        position_ids=batch.position_ids,
        use_cache=False,
        output_hidden_states=True,
    )
    rows, positions, _ = batch.answers
    logits = model.lm_head(output.last_hidden_state[rows, positions])
    return Activations(logits, visual, output.hidden_states)
