"""What the auxiliary losses want to find in the visual tokens of a picture."""

import torch

from core.scenes.drawing import TOKEN_SIDE, Drawing

IGNORED = -100
"""Label of visual tokens that an object only grazes; the losses leave them out."""
_OBJECT_SHARE, _NOTHING_SHARE = 0.1, 0.01
"""A visual token counts as an object's from the first share of its pixels on, as empty up to the second."""


def coverage(picture: Drawing, rows: int, columns: int) -> torch.Tensor:
    """Share of each visual token's pixels that each object covers, float [objects, N]."""
    shares = torch.zeros(len(picture.things), rows * columns)
    for index, thing in enumerate(picture.things):
        blocks = torch.from_numpy(thing.mask).view(rows, TOKEN_SIDE, columns, TOKEN_SIDE)
        shares[index] = blocks.float().mean((1, 3)).flatten()
    return shares


def pointer_target(shares: torch.Tensor, things: tuple[int, ...]) -> torch.Tensor:
    """Where to look for some objects, float [N + 1] with sum 1; the last entry stands for nowhere."""
    target = torch.zeros(shares.shape[1] + 1)
    if things:
        target[:-1] = shares[list(things)].sum(0)
        return target / target.sum()
    target[-1] = 1
    return target


def labels_of(picture: Drawing, shares: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Colour and shape class of each visual token, int [N] each; 0 means nothing there."""
    colors = torch.zeros(shares.shape[1], dtype=torch.long)
    shapes = colors.clone()
    for thing, share in zip(picture.things, shares, strict=True):
        for labels, value in ((colors, thing.color + 1), (shapes, thing.shape + 1)):
            labels[share > _NOTHING_SHARE] = IGNORED
            labels[share >= _OBJECT_SHARE] = value
    return colors, shapes


def cells_of(rows: int, columns: int) -> torch.Tensor:
    """Cell of the 3 x 3 raster in which the centre of each visual token lies, int [N]."""
    row = ((torch.arange(rows) + 0.5) * 3 / rows).long()
    column = ((torch.arange(columns) + 0.5) * 3 / columns).long()
    return (3 * row[:, None] + column[None, :]).flatten()
