"""Attention probabilities, and their gradient, without eager attention.

Fused attention never forms the probabilities, and eager attention would form all of them, for every
row. Only the rows at which the answer is predicted are wanted: they are computed again from the
recorded queries and keys. Their gradient follows from that of the attention's output, for
O_r = sum_s P_rs V_s makes dP_rs = dO_r . V_s.
"""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from core.memory.estimate import ROLLOUT_ROWS

_NAME = "recorded_sdpa"
_current = threading.local()


@dataclass(frozen=True, eq=False)
class LayerAttention:
    """What one layer's attention took and gave, as far as it is asked for.

    Attributes:
        query: [batch, heads, rows, head width], positions applied.
        key: [batch, key-value heads, sequence, head width].
        value: of the same shape; None where no gradient is wanted.
        value_norm: float32 [batch, key-value heads, sequence], the 2-norm of each value; None where it is not wanted.
        output: [batch, sequence, heads, head width], before the output projection, on the graph of the
            forward pass; None where no gradient is wanted.
        scaling: factor of the products of queries and keys.
        rows: int64 [rows], the positions of the queries, in ascending order; None for all of them.
        mask: bool [batch or 1, 1, sequence, sequence], where a row may look; None where it may look at all
            positions up to its own.
    """

    query: Tensor
    key: Tensor
    value: Tensor | None
    output: Tensor | None
    scaling: float
    rows: Tensor | None = None
    mask: Tensor | None = None
    value_norm: Tensor | None = None


@dataclass(frozen=True, eq=False)
class AttentionRecorder:
    """Says what is recorded of the next forward pass, and holds it.

    Attributes:
        layers: of which layers anything is; None for all.
        rows: int64, in ascending order: the positions whose queries are recorded; None for all.
        whole: the layers of which all queries are recorded nevertheless.
        graded: the layers whose attention's gradient is wanted.
        weighed: the layers of which the norms of values are.
        read: (layer, its attention) -> what is held of it; None to hold the attention itself. So no more than one
            layer's is in memory.
        found: layer -> what was recorded.
    """

    layers: Collection[int] | None = None
    rows: Tensor | None = None
    whole: Collection[int] = ()
    graded: Collection[int] | None = None
    weighed: Collection[int] = ()
    read: Callable[[int, LayerAttention], Any] | None = None
    found: dict[int, Any] = field(default_factory=dict)


@contextmanager
def record_attention(config: Any, recorder: AttentionRecorder | None = None) -> Iterator[dict[int, Any]]:
    """Records the attention of decoder layers during the next forward pass.

    What is not asked for is not held, so that autograd alone decides how long it lives.

    Args:
        config: the configuration that the decoder's attention modules read; its choice of
            implementation is replaced by a recording SDPA and put back on exit, whatever happened.
        recorder: what is wanted; None for everything.

    Yields:
        A dict that the forward pass fills: layer -> `LayerAttention`, or what `recorder.read` made of it.
    """
    own = config._attn_implementation
    _current.recorder = recorder = recorder or AttentionRecorder()
    config._attn_implementation = _NAME
    try:
        yield recorder.found
    finally:
        config._attn_implementation = own
        del _current.recorder


def _recorded_sdpa(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    output, weights = sdpa_attention_forward(module, query, key, value, mask, **options)
    recorder, layer = _current.recorder, module.layer_idx
    if recorder.layers is None or layer in recorder.layers:
        rows = None if layer in recorder.whole else recorder.rows
        graded = recorder.graded is None or layer in recorder.graded
        # Layers may lie on several devices; they are read where the rows are.
        where = query.device if recorder.rows is None else recorder.rows.device
        attention = LayerAttention(
            # Probabilities are read off, never differentiated: their gradient comes from the output's.
            (query.detach() if rows is None else query.detach()[:, :, rows.to(query.device)]).to(where),
            key.detach().to(where),
            value.detach().to(where) if graded else None,
            output if graded else None,
            options["scaling"],
            rows,
            None if mask is None else mask.to(where),
            torch.linalg.vector_norm(value.detach(), dim=-1, dtype=torch.float32).to(where)
            if layer in recorder.weighed
            else None,
        )
        recorder.found[layer] = attention if recorder.read is None else recorder.read(layer, attention)
    return output, weights


AttentionInterface.register(_NAME, _recorded_sdpa)
AttentionMaskInterface.register(_NAME, sdpa_mask)


def answer_rows(layer: LayerAttention, rows: Tensor, visual: Tensor) -> Tensor:
    """Attention probabilities of some rows at the visual tokens.

    Args:
        rows: int64 [rows], positions that look, all of them recorded.
        visual: int64 [visual tokens], positions that are looked at.

    Returns:
        P, float32 [batch, heads, rows, visual tokens]. A row sums to less than 1: the text has the rest.
    """
    return _probabilities(layer, rows)[..., visual]


def head_sums(layer: LayerAttention, rows: Tensor, visual: Tensor) -> Tensor:
    """Attention of each head at the visual tokens, summed over rows: sum_r P_hrt; a block of rows at a time.

    Args: as of `answer_rows`.

    Returns:
        float32 [batch, heads, visual tokens]. The mean over heads is what `core.methods.attribution.attention` makes.
    """
    return sum(answer_rows(layer, block, visual).sum(-2) for block in rows.split(ROLLOUT_ROWS))


def value_norms(layer: LayerAttention, visual: Tensor) -> Tensor:
    """How much each head would carry from each visual token, float32 [batch, heads, visual tokens]: ||v||_2."""
    norms = layer.value_norm[:, :, visual]
    return norms.repeat_interleave(layer.query.shape[1] // norms.shape[1], dim=1)


def row_gradient(layer: LayerAttention, gradient: Tensor, rows: Tensor, visual: Tensor) -> Tensor:
    """Gradient of the score with respect to `answer_rows`.

    Args:
        gradient: of the score with respect to the layer's attention output, [batch, sequence, heads,
            head width].

    Returns:
        dP, float32 [batch, heads, rows, visual tokens].
    """
    value = _per_head(layer.value[:, :, visual], layer.query)
    return torch.einsum("brhd,bhvd->bhrv", gradient.to(value.device)[:, rows].float(), value)


def rollout(layers: dict[int, LayerAttention], rows: Tensor, visual: Tensor) -> dict[int, Tensor]:
    """Attention rollout (Abnar and Zuidema 2020, arXiv:2005.00928, section 3), seen from the answer.

    r_L is spread evenly over the answer's rows; r_l = r_{l+1} (A_l + I) / 2 with A_l the mean over
    heads. Only this vector is propagated, from the top down: the product of whole matrices is not
    needed for the rows of one answer.

    Args:
        layers: attention of consecutive layers up to the last one, every row of it recorded.

    Returns:
        Layer -> r_l at the visual tokens, float32 [batch, visual tokens]: what each contributes from
        that layer's input.
    """
    batch, _, length, _ = layers[max(layers)].key.shape
    relevance = torch.zeros(batch, length, device=rows.device)
    relevance[:, rows] = 1 / len(rows)
    heat = {}
    for index in sorted(layers, reverse=True):
        passed = torch.zeros_like(relevance)
        for first in range(0, length, ROLLOUT_ROWS):
            last = min(first + ROLLOUT_ROWS, length)
            # Without a mask no row looks beyond itself.
            seen = last if layers[index].mask is None else length
            block = torch.arange(first, last, device=rows.device)
            mean = _probabilities(layers[index], block, seen).mean(1)  # [batch, block, seen]
            passed[:, :seen] += torch.einsum("br,brs->bs", relevance[:, first:last], mean)
        relevance = (relevance + passed) / 2
        heat[index] = relevance[:, visual]
    return heat


def _probabilities(layer: LayerAttention, rows: Tensor, seen: int | None = None) -> Tensor:
    """softmax(q k^T scaling) over what each row may look at, float32 [batch, heads, rows, seen].

    Args:
        seen: positions from the first on, beyond which no row may look; None for the whole sequence.
    """
    key = _per_head(layer.key[:, :, :seen], layer.query)
    recorded = rows if layer.rows is None else torch.searchsorted(layer.rows, rows)
    products = layer.query[:, :, recorded].float() @ key.transpose(-1, -2) * layer.scaling
    if layer.mask is not None:
        hidden = ~layer.mask[:, :, rows, :seen]
    else:
        hidden = torch.arange(key.shape[-2], device=rows.device) > rows[:, None]
    return products.masked_fill_(hidden, -torch.inf).softmax(-1)


def _per_head(tensor: Tensor, query: Tensor) -> Tensor:
    """Keys or values of grouped-query attention, repeated for each head of their group."""
    return tensor.float().repeat_interleave(query.shape[1] // tensor.shape[1], dim=1)
