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
    """How the tower sees each picture, or each step of a video: one grid of patches."""
    return grid_layouts(inputs.vision)


def grids_of(vision: Vision) -> Tensor:
    """int64 [pictures, 3]: steps and (rows, columns) of patches of each picture, or of the video."""
    return vision["image_grid_thw"] if "image_grid_thw" in vision else vision["video_grid_thw"]


def grid_layouts(vision: Vision, merge: int = 1) -> tuple[TokenLayout, ...]:
    """How it is seen where `merge` x `merge` patches become one."""
    make = TokenLayout.video if "video_grid_thw" in vision else lambda _, *grid: TokenLayout.single(*grid)
    return tuple(make(steps, rows // merge, columns // merge) for steps, rows, columns in grids_of(vision).tolist())


def merged_patches(model: nn.Module, hidden: Tensor, vision: Vision, layouts: Sequence[TokenLayout]) -> Tensor:
    """Hidden states of a block [batch x patches, width] -> [batch, patches, width], each picture row by row."""
    merge, tokens = model.model.visual.spatial_merge_size, [layout.tokens for layout in layouts]
    by_picture = hidden.unflatten(0, (-1, sum(tokens))).split(tokens, dim=1)
    pairs = zip(by_picture, layouts, strict=True)
    return torch.cat([_row_by_row(patches, layout, merge) for patches, layout in pairs], dim=1)


def windowed_patches(model: nn.Module, hidden: Tensor, vision: Vision, layouts: Sequence[TokenLayout]) -> Tensor:
    """As `merged_patches`, where the merged patches stand in the order of attention's windows."""
    tower = model.model.visual
    merge = tower.spatial_merge_size
    order, _ = get_vision_window_index(grids_of(vision), merge, tower.window_size, tower.patch_size)
    merged = hidden.unflatten(0, (-1, len(order), merge**2))
    return merged_patches(model, merged[:, order.argsort().to(hidden.device)].flatten(0, 2), vision, layouts)


def _row_by_row(patches: Tensor, layout: TokenLayout, merge: int) -> Tensor:
    rows, columns = layout.grid
    blocks = patches.unflatten(1, (layout.steps, rows // merge, columns // merge, merge, merge))
    # step, row of tokens, column of tokens, row in the token, column in it -> step, row, column
    return blocks.transpose(3, 4).flatten(1, 5)
