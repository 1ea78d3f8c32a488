"""Auxiliary losses of the training: they teach the model what each visual token shows and where to look.

The heads are thrown away after training; the weights that they shaped remain. Without these losses
the same training time gets nowhere near, and with them the model's gaze is partly taught, not found:
a fair stage for comparing maps, but no evidence about other models.
"""

import torch
from torch import nn
from torch.nn import functional as F

from core.embedded.training.labels import IGNORED
from core.embedded.training.packing import PackedBatch
from core.scenes.clips import MAX_STEPS
from core.scenes.drawing import CELLS, COLORS, SHAPES

TOKEN_LAYER = 3
"""Decoder layer at whose input visual tokens must tell colour, shape, cell and time step."""
POINTER_LAYER = 5
"""Decoder layer at whose input a text token must match the visual tokens that it is about to speak of."""

_POINTER_WIDTH = 64
_NOTHING_WEIGHT = 0.2
"""Weight of visual tokens without an object, which outnumber the others many times over."""


class AuxiliaryHeads(nn.Module):
    """Linear read-outs of hidden states, used in training only.

    Args:
        width: hidden size of the language model.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.seen_norm = nn.RMSNorm(width)
        self.seen = nn.Linear(width, len(COLORS) + len(SHAPES) + 2)
        self.known_norm = nn.RMSNorm(width)
        self.known = nn.Linear(width, len(COLORS) + len(SHAPES) + 2 + CELLS + MAX_STEPS)
        self.pointer_norm = nn.RMSNorm(width)
        self.query = nn.Linear(width, _POINTER_WIDTH)
        self.key = nn.Linear(width, _POINTER_WIDTH)
        self.nothing = nn.Parameter(torch.zeros(_POINTER_WIDTH))


def token_loss(heads: AuxiliaryHeads, visual: torch.Tensor, at_layer: torch.Tensor, batch: PackedBatch) -> torch.Tensor:
    """Cross-entropy of colour and shape from the merger, and of colour, shape, cell and step in the decoder.

    Args:
        visual: the merger's output, float [B, T * N, width].
        at_layer: the same tokens at the input of `TOKEN_LAYER`, float [B, T * N, width].
    """
    sizes = [len(COLORS) + 1, len(SHAPES) + 1]
    seen = heads.seen(heads.seen_norm(visual)).split(sizes, -1)
    known = heads.known(heads.known_norm(at_layer)).split([*sizes, CELLS, MAX_STEPS], -1)
    loss = F.cross_entropy(known[2].flatten(0, 1), batch.cells.repeat(len(visual) * batch.grid[0]))
    if batch.grid[0] > 1:
        steps = torch.arange(batch.grid[0]).repeat_interleave(len(batch.cells))
        loss = loss + F.cross_entropy(known[3].flatten(0, 1), steps.repeat(len(visual)))
    for logits, labels in zip((*seen, *known[:2]), (batch.colors, batch.shapes) * 2, strict=True):
        weights = torch.ones(logits.shape[-1])
        weights[0] = _NOTHING_WEIGHT
        loss = loss + F.cross_entropy(logits.flatten(0, 1), labels.flatten(), weights, ignore_index=IGNORED)
    return loss


def pointer_loss(heads: AuxiliaryHeads, at_layer: torch.Tensor, batch: PackedBatch) -> torch.Tensor:
    """Cross-entropy between where and when a text token points, and the sights that it must write of.

    Args:
        at_layer: all tokens at the input of `POINTER_LAYER`, float [B, L, width].
    """
    visual_tokens = batch.colors.shape[1]
    hidden = heads.pointer_norm(at_layer)
    keys = heads.key(hidden[:, batch.visual_start : batch.visual_start + visual_tokens])
    keys = torch.cat([keys, heads.nothing.expand(len(keys), 1, -1)], 1)
    rows, positions = batch.pointers
    queries = heads.query(hidden[rows, positions])
    # [pointers, 1, width] x [pointers, width, T * N + 1]
    logits = (queries[:, None] @ keys[rows].transpose(1, 2))[:, 0] * _POINTER_WIDTH**-0.5
    return F.cross_entropy(logits, batch.pointer_targets)
