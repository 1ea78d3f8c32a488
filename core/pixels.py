"""Maps of the picture itself: methods that run the vision tower too, each with passes of its own.

Pixels are normalised patch values [patches, values], as the image processor gives them: the patches of
one visual token follow each other, and a patch's values are its channels, one after the other, each with
two frames, which are alike in a picture.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from core.chunks import first_chunk_size, in_chunks
from core.footprint import Load
from core.forward import Aim, Turn, encode, score_of
from core.loading import LoadedModel
from core.room import room_for, samples_at_once

CHANNELS = 3
FRAMES = 2
PATH_STEPS = 64  # with 16, a third of the change of the score is missed
WINDOWS_PER_SIDE = 8

PixelMethod = Callable[[LoadedModel, Turn, Aim, Tensor, Callable[[], None]], Tensor]


def per_cell(values: Tensor, cells: int) -> Tensor:
    """Patch values [..., patches, values] -> [..., cells, all values of a cell]."""
    return values.reshape(*values.shape[:-2], cells, -1)


def input_gradient(gradient: Tensor, cells: int) -> Tensor:
    """heat_t = 2-norm of the gradient over the pixels of cell t (Simonyan et al. 2014, arXiv:1312.6034).

    Args:
        gradient: of the score with respect to the pixels, [..., patches, values].

    Returns:
        [..., cells].
    """
    return torch.linalg.vector_norm(per_cell(gradient.float(), cells), dim=-1)


def mean_colour(pixels: Tensor) -> Tensor:
    """The picture with every pixel at its mean colour, same shape as `pixels` [..., patches, values]."""
    shape = pixels.shape
    channels = pixels.reshape(*shape[:-1], CHANNELS, -1)
    return channels.mean((-3, -1), keepdim=True).expand_as(channels).reshape(shape)


def integrated_gradients(loaded: LoadedModel, turn: Turn, aim: Aim, pixels: Tensor, tick: Callable[[], None]) -> Tensor:
    """heat_t = |sum over pixels p of cell t of (x_p - b_p) * mean_k dS(b + a_k (x - b)) / dx_p|.

    Sundararajan et al. 2017 (arXiv:1703.01365), equation 1, with the picture's mean colour as baseline b
    and the midpoints a_k of 64 steps. Summed over a cell with its sign, then absolute.

    Args:
        pixels: float32 [samples, patches, values].
        tick: called between batches; what it raises stops the work.

    Returns:
        [samples, cells].
    """
    baseline = mean_colour(pixels)
    weights = (torch.arange(PATH_STEPS) + 0.5) / PATH_STEPS
    which = torch.cartesian_prod(torch.arange(len(pixels)), torch.arange(PATH_STEPS))
    total = torch.zeros_like(pixels)
    load = Load(1, turn.ids.shape[1], len(turn.visual), len(aim.indices), depth=len(loaded.layers), pixels=True)

    def gradient(chunk: range) -> Tensor:
        samples, steps = which[chunk.start : chunk.stop].T
        mixed = torch.lerp(baseline[samples], pixels[samples], weights[steps, None, None]).requires_grad_()
        with torch.enable_grad(), room_for(loaded, replace(load, samples=len(mixed))):
            score = score_of(loaded, turn, encode(loaded, turn, mixed), aim).sum()
        return torch.autograd.grad(score, mixed)[0]

    size = samples_at_once(loaded, load, _batch(turn, loaded, len(which)))
    for chunk, gradients in in_chunks(len(which), size, gradient):
        total.index_add_(0, which[chunk.start : chunk.stop, 0], gradients)
        tick()
    parts = (pixels - baseline) * total / PATH_STEPS
    return per_cell(parts, len(turn.visual)).sum(-1).abs()


def occlusion(loaded: LoadedModel, turn: Turn, aim: Aim, pixels: Tensor, tick: Callable[[], None]) -> Tensor:
    """heat_t = ReLU(mean over windows w that cover cell t of S(x) - S(x with w at the mean colour)).

    Zeiler and Fergus 2014 (arXiv:1311.2901), section 4.2: a square window slides over every cell; its
    side is an eighth of the grid's shorter one, at least one cell. Windows are cut at the border.

    Args, returns: as `integrated_gradients`.
    """
    windows = occlusion_windows(turn.grid)  # bool [windows, cells]
    cells = windows.shape[1]
    hidden = windows.repeat_interleave(pixels.shape[1] // cells, dim=1)[..., None]
    drops = []
    for picture in pixels:
        fill = mean_colour(picture)
        variants = len(windows)

        def scores(chunk: range, picture: Tensor = picture, fill: Tensor = fill) -> Tensor:
            occluded = torch.where(hidden[chunk.start : chunk.stop], fill, picture)
            with torch.no_grad():
                return score_of(loaded, turn, encode(loaded, turn, occluded), aim).cpu()

        with torch.no_grad():
            whole = score_of(loaded, turn, encode(loaded, turn, picture[None]), aim).cpu()
        found = []
        for _, chunk_scores in in_chunks(variants, _batch(turn, loaded, variants), scores):
            found.append(chunk_scores)
            tick()
        drops.append(whole - torch.cat(found))
    covering = windows.float() / windows.sum(0)
    return (torch.stack(drops) @ covering).relu()


def occlusion_windows(grid: tuple[int, int]) -> Tensor:
    """bool [cells, cells]: row w is the window centred at cell w (an even side leans to the upper left)."""
    side = max(1, round(min(grid) / WINDOWS_PER_SIDE))
    rows, columns = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
    places = torch.stack([rows.flatten(), columns.flatten()])  # [2, cells]
    distance = places[:, None, :] - places[:, :, None]  # [2, window, cell]
    return ((distance >= -(side // 2)) & (distance < side - side // 2)).all(0)


def _batch(turn: Turn, loaded: LoadedModel, total: int) -> int:
    return first_chunk_size(turn.ids.shape[1], loaded.device.type, total)


def to_picture(pixels: Tensor, grid: tuple[int, int]) -> np.ndarray:
    """Patch values [patches, values] -> normalised picture, float32 [height, width, 3]; of both frames the first."""
    rows, columns, merge, patch = _geometry(pixels, grid)
    values = pixels.reshape(rows, columns, merge, merge, CHANNELS, FRAMES, patch, patch)[:, :, :, :, :, 0]
    # rows, columns, merge row, merge column, channel, y, x -> y, x, channel
    return values.permute(0, 2, 5, 1, 3, 6, 4).reshape(rows * merge * patch, columns * merge * patch, 3).numpy()


def from_picture(picture: np.ndarray, like: Tensor, grid: tuple[int, int]) -> Tensor:
    """The inverse of `to_picture`, both frames alike; `like` has the shape of the result."""
    rows, columns, merge, patch = _geometry(like, grid)
    values = torch.from_numpy(picture).reshape(rows, merge, patch, columns, merge, patch, CHANNELS)
    values = values.permute(0, 3, 1, 4, 6, 2, 5)[:, :, :, :, :, None]
    return values.expand(-1, -1, -1, -1, -1, FRAMES, -1, -1).reshape(like.shape)


def _geometry(pixels: Tensor, grid: tuple[int, int]) -> tuple[int, int, int, int]:
    """(rows, columns, patches on a cell's side, pixels on a patch's side)."""
    merge = math.isqrt(pixels.shape[0] // (grid[0] * grid[1]))
    patch = math.isqrt(pixels.shape[1] // (CHANNELS * FRAMES))
    return *grid, merge, patch


PIXEL_METHODS: dict[str, PixelMethod] = {function.__name__: function for function in (integrated_gradients, occlusion)}
