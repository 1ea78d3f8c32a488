"""The vision tower of Qwen2.5-VL for a batch of pictures or clips of one size, on the same weights.

The stock forward loops over attention windows in Python, which dominates the time of a small model.
Here all pictures go through at once and a mask keeps the windows apart; the result is the same. The
tower lets no time step of a clip see another, so that each goes through as a picture of its own.
"""

from functools import lru_cache

import torch
from torch.nn import functional as F
from transformers.models.qwen2_5_vl.modeling_qwen2_5_vl import (
    Qwen2_5_VisionTransformerPretrainedModel,
    apply_rotary_pos_emb_vision,
)
from transformers.vision_utils import get_vision_position_ids, get_vision_window_index


def encode_pictures(
    visual: Qwen2_5_VisionTransformerPretrainedModel, pixel_values: torch.Tensor, grid: tuple[int, int, int]
) -> torch.Tensor:
    """Encode pictures of the same size, or clips of the same size and length.

    Args:
        visual: the vision tower of a model.
        pixel_values: float [pictures, patches, 3 * 2 * 14 * 14], as the image processor orders them.
        grid: (time, height, width) in patches; time is 1 for pictures.

    Returns:
        Visual tokens, float [pictures, patches / 4, width of the language model], step by step in reading order.
    """
    pictures = len(pixel_values)
    grid, pixel_values = grid[1:], pixel_values.unflatten(1, (grid[0], -1)).flatten(0, 1)
    merge = visual.spatial_merge_size
    grid_thw = torch.tensor([[1, *grid]])
    rotary = visual.rotary_pos_emb(pixel_values, get_vision_position_ids(grid_thw, merge))
    mask = _window_mask(grid, merge, visual.window_size, visual.patch_size)

    # A convolution whose kernel covers its whole input is a matrix product, and far faster as one.
    hidden = F.linear(pixel_values, visual.patch_embed.proj.weight.flatten(1))
    for index, block in enumerate(visual.blocks):
        block_mask = None if index in visual.fullatt_block_indexes else mask
        hidden = hidden + _attend(block.attn, block.norm1(hidden), rotary, block_mask)
        hidden = hidden + block.mlp(block.norm2(hidden))
    return visual.merger(hidden).unflatten(0, (pictures, -1))


def _attend(
    attention: torch.nn.Module,
    hidden: torch.Tensor,
    rotary: tuple[torch.Tensor, torch.Tensor],
    mask: torch.Tensor | None,
) -> torch.Tensor:
    # [pictures, patches, 3 * width] -> three of [pictures, patches, heads, head width]
    query, key, value = attention.qkv(hidden).unflatten(-1, (3, attention.num_heads, -1)).unbind(2)
    query, key = apply_rotary_pos_emb_vision(query, key, *rotary)
    mixed = F.scaled_dot_product_attention(
        query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2), attn_mask=mask
    )
    return attention.proj(mixed.transpose(1, 2).flatten(2))


@lru_cache(maxsize=64)
def _window_mask(grid: tuple[int, int], merge: int, window_size: int, patch_size: int) -> torch.Tensor:
    """Additive mask, float [patches, patches]: 0 within a window, minus infinity across windows."""
    order, borders = get_vision_window_index(torch.tensor([[1, *grid]]), merge, window_size, patch_size)
    sizes = borders.diff() // merge**2
    window = torch.empty_like(order)
    window[order] = torch.repeat_interleave(torch.arange(len(sizes)), sizes)
    window = window.repeat_interleave(merge**2)
    together = window[:, None] == window[None, :]
    return torch.zeros(together.shape).masked_fill(~together, float("-inf"))
