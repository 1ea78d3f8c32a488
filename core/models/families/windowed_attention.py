"""A vision tower's attention with all windows of one size at once.

Pictures of a batch follow each other in one long sequence, cut into windows that do not see each other.
transformers' SDPA runs the windows one by one: ten samples of 36 x 36 visual tokens are 810 windows in each of 28
blocks, 22,680 small calls. Here windows of equal size are the batch of one call. The numbers are those of the windows
one by one, to rounding.
"""

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.weak import WeakTensorKeyDictionary
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

# Towers give the whole sequence and where its windows begin to whatever is called "flash", and else cut it themselves.
_NAME = "grouped_sdpa_in_place_of_flash"
TOWERS = ("qwen2_5_vl", "qwen2_vl", "qwen3_vl", "qwen3_5", "glm4v")
"""Beginnings of the names of towers that do so."""

Groups = list[tuple[int, int]]
"""(windows, their length) of each size."""

# By the tensor that says where windows begin, which all blocks share, and for as long as it is there.
_plans: MutableMapping[Tensor, tuple[Tensor | None, Tensor | None, Groups]] = WeakTensorKeyDictionary()


@contextmanager
def grouped_windows(config: Any) -> Iterator[None]:
    """Inside, the vision tower's windows are attended to in groups; the configuration is put back on exit.

    Args:
        config: the model's; where its vision tower is of another kind, or uses no SDPA, nothing changes.
    """
    vision = getattr(config, "vision_config", None)
    own = getattr(vision, "_attn_implementation", None)
    if own != "sdpa" or not vision.model_type.startswith(TOWERS):
        yield
        return
    vision._attn_implementation = _NAME
    try:
        yield
    finally:
        vision._attn_implementation = own


def _grouped_sdpa(
    module: nn.Module, query: Tensor, key: Tensor, value: Tensor, attention_mask: Tensor | None, **options: Any
) -> tuple[Tensor, None]:
    starts = options.pop("cu_seq_lens_q")
    order, back, groups = _plan(starts, query.device)
    if order is not None:
        query, key, value = (tensor.index_select(2, order) for tensor in (query, key, value))
    sizes = [count * length for count, length in groups]
    by_size = zip(*(tensor[0].split(sizes, dim=1) for tensor in (query, key, value)), strict=True)
    outputs = []
    for (count, length), (q, k, v) in zip(groups, by_size, strict=True):
        # [heads, windows * length, width] -> [windows, heads, length, width]
        windows = (tensor.unflatten(1, (count, length)).transpose(0, 1) for tensor in (q, k, v))
        found, _ = sdpa_attention_forward(
            module, *windows, None, dropout=options["dropout"], scaling=options["scaling"], is_causal=False
        )
        outputs.append(found.flatten(0, 1))  # [windows * length, heads, width]
    output = torch.cat(outputs) if len(outputs) > 1 else outputs[0]
    return (output if order is None else output.index_select(0, back))[None], None


AttentionInterface.register(_NAME, _grouped_sdpa)


def _plan(starts: Tensor, device: torch.device) -> tuple[Tensor | None, Tensor | None, Groups]:
    """(order, its inverse, groups), see `group`; looked at once for each tensor of starts, which makes the CPU wait."""
    if starts not in _plans:
        order, groups = group(starts.tolist())
        both = (None, None) if order is None else (order.to(device), order.argsort().to(device))
        _plans[starts] = (*both, groups)
    return _plans[starts]


def group(starts: list[int]) -> tuple[Tensor | None, Groups]:
    """Windows, sorted by size.

    Args:
        starts: where each window begins, and at last where the sequence ends.

    Returns:
        (position in the sequence of each position in the sorted one; None where all windows are alike; groups).
    """
    windows: dict[int, list[int]] = {}  # length -> positions in them
    for start, stop in pairwise(starts):
        windows.setdefault(stop - start, []).extend(range(start, stop))
    groups = [(len(windows[length]) // length, length) for length in sorted(windows)]
    if len(groups) == 1:
        return None, groups
    return torch.tensor([position for length in sorted(windows) for position in windows[length]]), groups
