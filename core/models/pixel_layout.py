"""How image processors lay pixels out, and which cell of the map each of them belongs to.

PATCHES is Qwen's: [patches, values], the patches of one visual token follow each other, and a patch's
values are its channels, one after the other, each with two frames, which are alike in a picture.
POOLED_PATCHES is Gemma 4's: [pictures, patches, values], each picture's patches row by row and then empty ones up to a
fixed number; a patch's values are its pixels, each with its channels.
IMAGES is the others': [..., channels, height, width], image after image.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.models.dimensions import CHANNELS, FRAMES
from core.models.token_layout import TokenLayout


@dataclass(frozen=True)
class PixelLayout:
    """One way to lay pixels out. Cells of several pictures are counted on, from one picture to the next.

    Attributes:
        cells: (pixels, layouts) -> int64, of a shape that broadcasts to the pixels': their cell, -1 for none.
        channels: pixels -> int64, of a shape that broadcasts to the pixels': their channel.
        unfold: (pixels, layouts) -> the images that they make, each float32 [height, width, channels].
        fold: (images, like, layouts) -> pixels of the shape of `like`; the inverse of `unfold`.
    """

    cells: Callable[[Tensor, Sequence[TokenLayout]], Tensor]
    channels: Callable[[Tensor], Tensor]
    unfold: Callable[[Tensor, Sequence[TokenLayout]], list[np.ndarray]]
    fold: Callable[[Sequence[np.ndarray], Tensor, Sequence[TokenLayout]], Tensor]


def _patch_cells(pixels: Tensor, layouts: Sequence[TokenLayout]) -> Tensor:
    cells = sum(layout.cells for layout in layouts)
    return torch.arange(cells).repeat_interleave(len(pixels) // cells)[:, None]


def _patch_channels(pixels: Tensor) -> Tensor:
    return torch.arange(CHANNELS).repeat_interleave(pixels.shape[-1] // CHANNELS)


def _unfold_patches(pixels: Tensor, layouts: Sequence[TokenLayout]) -> list[np.ndarray]:
    merge, patch = _patch_geometry(pixels, layouts)
    images = []
    for patches, layout in zip(pixels.split([layout.cells * merge**2 for layout in layouts]), layouts, strict=True):
        rows, columns = layout.grid
        values = patches.reshape(rows, columns, merge, merge, CHANNELS, FRAMES, patch, patch)[:, :, :, :, :, 0]
        # rows, columns, merge row, merge column, channel, y, x -> y, x, channel
        values = values.permute(0, 2, 5, 1, 3, 6, 4)
        images.append(values.reshape(rows * merge * patch, columns * merge * patch, CHANNELS).numpy())
    return images


def _fold_patches(images: Sequence[np.ndarray], like: Tensor, layouts: Sequence[TokenLayout]) -> Tensor:
    merge, patch = _patch_geometry(like, layouts)
    parts = []
    for image, layout in zip(images, layouts, strict=True):
        rows, columns = layout.grid
        values = torch.from_numpy(image).reshape(rows, merge, patch, columns, merge, patch, CHANNELS)
        values = values.permute(0, 3, 1, 4, 6, 2, 5)[:, :, :, :, :, None]
        parts.append(values.expand(-1, -1, -1, -1, -1, FRAMES, -1, -1).reshape(-1, like.shape[-1]))
    return torch.cat(parts)


def _patch_geometry(pixels: Tensor, layouts: Sequence[TokenLayout]) -> tuple[int, int]:
    """(patches on a cell's side, pixels on a patch's side)."""
    merge = math.isqrt(len(pixels) // sum(layout.cells for layout in layouts))
    return merge, math.isqrt(pixels.shape[-1] // (CHANNELS * FRAMES))


def _image_cells(pixels: Tensor, layouts: Sequence[TokenLayout]) -> Tensor:
    first, cells = 0, []
    for layout in layouts:
        for crop in range(len(layout.crops)):
            found = layout.pixel_cells(crop, tuple(pixels.shape[-2:]))
            cells.append(torch.where(found >= 0, found + first, -1))
        first += layout.cells
    return torch.stack(cells).reshape(*pixels.shape[:-3], 1, *pixels.shape[-2:])


def _image_channels(pixels: Tensor) -> Tensor:
    return torch.arange(pixels.shape[-3])[:, None, None]


def _unfold_images(pixels: Tensor, _: Sequence[TokenLayout]) -> list[np.ndarray]:
    return list(pixels.flatten(0, -4).permute(0, 2, 3, 1).numpy())


def _fold_images(images: Sequence[np.ndarray], like: Tensor, _: Sequence[TokenLayout]) -> Tensor:
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).reshape(like.shape)


POOLED = 3
"""Patches on the side of a token that Gemma 4 pools them into."""


def _pooled_cells(pixels: Tensor, layouts: Sequence[TokenLayout]) -> Tensor:
    first, found = 0, torch.full(pixels.shape[:2], -1)
    for own, layout in zip(found, layouts, strict=True):
        rows, columns = layout.grid
        cells = torch.arange(layout.cells).reshape(rows, columns)
        cells = cells.repeat_interleave(POOLED, 0).repeat_interleave(POOLED, 1).flatten()
        own[: len(cells)] = cells + first
        first += layout.cells
    return found[..., None]


def _pooled_channels(pixels: Tensor) -> Tensor:
    return torch.arange(pixels.shape[-1]) % CHANNELS


def _unfold_pooled(pixels: Tensor, layouts: Sequence[TokenLayout]) -> list[np.ndarray]:
    patch, images = math.isqrt(pixels.shape[-1] // CHANNELS), []
    for patches, layout in zip(pixels, layouts, strict=True):
        rows, columns = (POOLED * count for count in layout.grid)
        values = patches[: rows * columns].reshape(rows, columns, patch, patch, CHANNELS).transpose(1, 2)
        images.append(values.reshape(rows * patch, columns * patch, CHANNELS).numpy())
    return images


def _fold_pooled(images: Sequence[np.ndarray], like: Tensor, layouts: Sequence[TokenLayout]) -> Tensor:
    patch, folded = math.isqrt(like.shape[-1] // CHANNELS), like.clone()
    for own, image, layout in zip(folded, images, layouts, strict=True):
        rows, columns = (POOLED * count for count in layout.grid)
        values = torch.from_numpy(image).reshape(rows, patch, columns, patch, CHANNELS).transpose(1, 2)
        own[: rows * columns] = values.reshape(rows * columns, -1)
    return folded


PATCHES = PixelLayout(_patch_cells, _patch_channels, _unfold_patches, _fold_patches)
IMAGES = PixelLayout(_image_cells, _image_channels, _unfold_images, _fold_images)
POOLED_PATCHES = PixelLayout(_pooled_cells, _pooled_channels, _unfold_pooled, _fold_pooled)
