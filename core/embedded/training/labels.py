"""What the auxiliary losses want to find in the visual tokens of a picture or a clip, step by step."""

from collections.abc import Iterable

import torch

from core.scenes.clip_questions import Sight
from core.scenes.clips import Clip
from core.scenes.drawing import TOKEN_SIDE

IGNORED = -100
"""Label of visual tokens that an object only grazes, and of what is no drawn scene; the losses leave it out."""
_OBJECT_SHARE, _NOTHING_SHARE = 0.1, 0.01
"""A visual token counts as an object's from the first share of its pixels on, as empty up to the second."""


def coverage(clip: Clip, rows: int, columns: int) -> torch.Tensor:
    """Share of each visual token's pixels that each object covers, float [objects, T, N]; a picture has one step."""
    shares = torch.zeros(len(clip.things), clip.steps, rows * columns)
    for index, thing in enumerate(clip.things):
        blocks = torch.from_numpy(thing.masks).view(clip.steps, rows, TOKEN_SIDE, columns, TOKEN_SIDE)
        shares[index] = blocks.float().mean((2, 4)).flatten(1)
    return shares


def pointer_target(shares: torch.Tensor, sights: Iterable[Sight]) -> torch.Tensor:
    """Where to look for some objects at some steps, float [T * N + 1] with sum 1; the last entry stands for nowhere."""
    target = torch.zeros(shares.shape[1:])
    for thing, step in sights:
        target[step] += shares[thing, step]
    total = target.sum()
    if total == 0:
        return torch.cat([target.flatten(), torch.ones(1)])
    return torch.cat([target.flatten() / total, torch.zeros(1)])


def labels_of(clip: Clip, shares: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Colour and shape class of each visual token, int [T * N] each; 0 means nothing there."""
    colors = torch.full(shares.shape[1:], 0 if clip.drawn else IGNORED)
    shapes = colors.clone()
    for thing, share in zip(clip.things, shares, strict=True):
        for labels, value in ((colors, thing.color + 1), (shapes, thing.shape + 1)):
            labels[share > _NOTHING_SHARE] = IGNORED
            labels[share >= _OBJECT_SHARE] = value
    return colors.flatten(), shapes.flatten()


def cells_of(rows: int, columns: int) -> torch.Tensor:
    """Cell of the 3 x 3 raster in which the centre of each visual token lies, int [N]."""
    row = ((torch.arange(rows) + 0.5) * 3 / rows).long()
    column = ((torch.arange(columns) + 0.5) * 3 / columns).long()
    return (3 * row[:, None] + column[None, :]).flatten()
