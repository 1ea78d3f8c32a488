"""Maps of the picture itself: methods that run the vision tower too, each with passes of its own.

Pixels are normalised, as the image processor gives them; `core.models.pixel_layout` says which cell each belongs to.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.inference.forward import ResolvedTarget, TokenSequence, encode, score_of
from core.memory.estimate import Workload
from core.memory.fit import fit_to_memory, samples_at_once
from core.memory.out_of_memory import first_chunk_size, in_chunks
from core.models.dimensions import CHANNELS
from core.models.loading import LoadedModel

PATH_STEPS = 64  # with 16, a third of the change of the score is missed
WINDOWS_PER_SIDE = 8

PixelMethod = Callable[[LoadedModel, TokenSequence, ResolvedTarget, Tensor, Callable[[], None]], Tensor]


@dataclass(frozen=True, eq=False)
class PixelMap:
    """Where each pixel of a prompt's pictures belongs.

    Attributes:
        cells: int64, broadcasts to the pixels' shape: the cell of the map, counted on from picture to
            picture; -1 for pixels outside the pictures.
        channels: int64, broadcasts to the pixels' shape.
        first_cells: int64 [pictures], the first cell of each.
        count: cells of all pictures.
    """

    cells: Tensor
    channels: Tensor
    first_cells: Tensor
    count: int

    @classmethod
    def of(cls, loaded: LoadedModel, sequence: TokenSequence, pixels: Tensor) -> "PixelMap":
        """For pixels of one sample."""
        pixel_layout, layouts = loaded.family.pixel_layout, sequence.layouts
        first = torch.tensor([sequence.cells_of(number).start for number in range(len(layouts))])
        return cls(pixel_layout.cells(pixels, layouts), pixel_layout.channels(pixels), first, sequence.cells)

    def per_cell(self, values: Tensor) -> Tensor:
        """Sums over the pixels of each cell: [..., pixels' shape] -> [..., cells]."""
        shared = self.shared
        return _sums(values.sum(shared, keepdim=True) if shared else values, self.cells, self.count)

    @property
    def shared(self) -> list[int]:
        """The axes, counted from the last, along which all pixels are of one cell."""
        return [axis - self.cells.ndim for axis, size in enumerate(self.cells.shape) if size == 1]

    def mean_colour(self, pixels: Tensor) -> Tensor:
        """Every pixel at the mean colour of its picture, pixels outside as they are; any leading axes."""
        picture = torch.searchsorted(self.first_cells, self.cells.clamp(min=0), right=True) - 1
        groups, count = self.channels + CHANNELS * picture, CHANNELS * len(self.first_cells)
        inside = (self.cells >= 0).expand(groups.shape)
        within = torch.where(inside, groups, -1)
        means = _sums(pixels, within, count) / _sums(inside.to(pixels), within, count)
        return torch.where(inside, means[..., groups], pixels)

    def hides(self, removed: Tensor) -> Tensor:
        """bool [..., cells] -> bool that broadcasts to [..., pixels' shape]: the pixels of these cells."""
        return removed[..., self.cells.clamp(min=0)] & (self.cells >= 0)


def _sums(values: Tensor, groups: Tensor, count: int) -> Tensor:
    """Sums of `values` over each group, [..., count]; group -1 is left out.

    Args:
        values: [..., groups' shape].
        groups: int64.
    """
    lead = values.shape[: values.ndim - groups.ndim]
    totals = torch.zeros(*lead, count + 1, dtype=values.dtype, device=values.device)
    index = torch.where(groups >= 0, groups, count).flatten().to(values.device)
    return totals.index_add_(-1, index, values.reshape(*lead, -1))[..., :count]


def input_gradient(gradient: Tensor, where: PixelMap) -> Tensor:
    """heat_t = 2-norm of the gradient over the pixels of cell t (Simonyan et al. 2014, arXiv:1312.6034).

    Args:
        gradient: of the score with respect to the pixels, [..., pixels' shape].

    Returns:
        float32 [..., cells].
    """
    # Where pixels are of one cell, their norm is taken first: squares of all would be a copy of the picture.
    norms = torch.linalg.vector_norm(gradient.float(), dim=where.shared, keepdim=True) if where.shared else gradient
    return where.per_cell(norms.float() ** 2).sqrt()


def integrated_gradients(
    loaded: LoadedModel, sequence: TokenSequence, target: ResolvedTarget, pixels: Tensor, tick: Callable[[], None]
) -> Tensor:
    """heat_t = |sum over pixels p of cell t of (x_p - b_p) * mean_k dS(b + a_k (x - b)) / dx_p|.

    Sundararajan et al. 2017 (arXiv:1703.01365), equation 1, with the picture's mean colour as baseline b
    and the midpoints a_k of 64 steps. Summed over a cell with its sign, then absolute.

    Args:
        pixels: float32 [samples, ...].
        tick: called between chunks; what it raises stops the work.

    Returns:
        [samples, cells].
    """
    where = PixelMap.of(loaded, sequence, pixels[0])
    baseline = where.mean_colour(pixels)
    weights = (torch.arange(PATH_STEPS) + 0.5) / PATH_STEPS
    which = torch.cartesian_prod(torch.arange(len(pixels)), torch.arange(PATH_STEPS))
    total = torch.zeros_like(pixels)
    load = Workload(
        1, sequence.ids.shape[1], len(sequence.visual), len(target.indices), depth=len(loaded.layers), pixels=True
    )

    def gradient(chunk: range) -> Tensor:
        samples, steps = which[chunk.start : chunk.stop].T
        mixed = torch.lerp(
            baseline[samples], pixels[samples], weights[steps].reshape(-1, *[1] * (pixels.ndim - 1))
        ).requires_grad_()
        with torch.enable_grad(), fit_to_memory(loaded, replace(load, samples=len(mixed))):
            score = score_of(loaded, sequence, encode(loaded, sequence, mixed), target).sum()
        return torch.autograd.grad(score, mixed)[0]

    size = samples_at_once(loaded, load, _chunk_size(sequence, loaded, len(which)))
    for chunk, gradients in in_chunks(len(which), size, gradient):
        total.index_add_(0, which[chunk.start : chunk.stop, 0], gradients)
        tick()
    parts = (pixels - baseline) * total / PATH_STEPS
    return where.per_cell(parts).abs()


def occlusion(
    loaded: LoadedModel, sequence: TokenSequence, target: ResolvedTarget, pixels: Tensor, tick: Callable[[], None]
) -> Tensor:
    """heat_t = ReLU(mean over windows w that cover cell t of S(x) - S(x with w at the mean colour)).

    Zeiler and Fergus 2014 (arXiv:1311.2901), section 4.2: a square window slides over every cell; its
    side is an eighth of the grid's shorter one, at least one cell. Windows are cut at the border.

    Args, returns: as `integrated_gradients`.
    """
    windows = torch.block_diag(
        *(occlusion_windows(layout.grid) for layout in sequence.layouts for _ in range(layout.steps))
    ).bool()  # [windows, cells]
    where = PixelMap.of(loaded, sequence, pixels[0])
    drops = []
    for picture in pixels:
        baseline = where.mean_colour(picture)
        variants = len(windows)

        def scores(chunk: range, picture: Tensor = picture, baseline: Tensor = baseline) -> Tensor:
            occluded = torch.where(where.hides(windows[chunk.start : chunk.stop]), baseline, picture)
            with torch.no_grad():
                return score_of(loaded, sequence, encode(loaded, sequence, occluded), target).cpu()

        with torch.no_grad():
            whole = score_of(loaded, sequence, encode(loaded, sequence, picture[None]), target).cpu()
        found = []
        for _, chunk_scores in in_chunks(variants, _chunk_size(sequence, loaded, variants), scores):
            found.append(chunk_scores)
            tick()
        drops.append(whole - torch.cat(found))
    covering = windows.float() / windows.sum(0)
    return (torch.stack(drops) @ covering).relu()


def occlusion_windows(grid: tuple[int, int]) -> Tensor:
    """bool [cells, cells]: row w is the window centred at cell w (an even side leans to the upper left)."""
    side = max(1, round(min(grid) / WINDOWS_PER_SIDE))
    rows, columns = torch.meshgrid(torch.arange(grid[0]), torch.arange(grid[1]), indexing="ij")
    cells = torch.stack([rows.flatten(), columns.flatten()])  # [2, cells]
    distance = cells[:, None, :] - cells[:, :, None]  # [2, window, cell]
    return ((distance >= -(side // 2)) & (distance < side - side // 2)).all(0)


def _chunk_size(sequence: TokenSequence, loaded: LoadedModel, total: int) -> int:
    return first_chunk_size(sequence.ids.shape[1], loaded.device.type, total)


PIXEL_METHODS: dict[str, PixelMethod] = {function.__name__: function for function in (integrated_gradients, occlusion)}
