"""How Qwen's vision towers lay patches out: those that become one token follow each other, and windows, too."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers.vision_utils import get_vision_window_index

from core.models.families.vision_inputs import Vision, VisionInputs
from core.models.token_layout import TokenLayout


def tower_blocks(model: nn.Module) -> nn.ModuleList:
    """The blocks of the tower; all of them become features."""
    return model.model.visual.blocks


def patch_layouts(inputs: VisionInputs, _: Sequence[TokenLayout]) -> tuple[TokenLayout, ...]:
    """How the tower sees each picture: one grid of patches."""
    return tuple(TokenLayout.single(rows, columns) for _, rows, columns in inputs.vision["image_grid_thw"].tolist())


def merged_patches(model: nn.Module, hidden: Tensor, vision: Vision, layouts: Sequence[TokenLayout]) -> Tensor:
    """Hidden states of a block [batch x patches, width] -> [batch, patches, width], each picture row by row."""
    merge, tokens = model.model.visual.spatial_merge_size, [layout.tokens for layout in layouts]
    by_picture = hidden.unflatten(0, (-1, sum(tokens))).split(tokens, dim=1)
    pairs = zip(by_picture, layouts, strict=True)
    return torch.cat([_row_by_row(patches, layout.grid, merge) for patches, layout in pairs], dim=1)


def windowed_patches(model: nn.Module, hidden: Tensor, vision: Vision, layouts: Sequence[TokenLayout]) -> Tensor:
    """As `merged_patches`, where the merged patches stand in the order of attention's windows."""
    tower = model.model.visual
    merge = tower.spatial_merge_size
    order, _ = get_vision_window_index(vision["image_grid_thw"], merge, tower.window_size, tower.patch_size)
    merged = hidden.unflatten(0, (-1, len(order), merge**2))
    return merged_patches(model, merged[:, order.argsort().to(hidden.device)].flatten(0, 2), vision, layouts)


def _row_by_row(patches: Tensor, grid: tuple[int, int], merge: int) -> Tensor:
    rows, columns = grid
    blocks = patches.unflatten(1, (rows // merge, columns // merge, merge, merge))
    # row of tokens, column of tokens, row in the token, column in it -> row, column
    return blocks.transpose(2, 3).flatten(1, 4)
