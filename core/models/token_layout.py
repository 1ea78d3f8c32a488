"""How a model sees a picture: rectangles of it, each a grid of visual tokens. No model internals here.

A map has one grid of cells over the whole picture. Where a model sees the picture as one grid of tokens,
these are the cells. Others see it as several tiles (the whole of it coarsely, and pieces of it finely), see a piece of
it (a square in its middle), or more than it (padded to a square): their tokens' heat is spread over the
cells that they cover, by area.
"""

import itertools
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor


@dataclass(frozen=True)
class Rect:
    """A rectangle in parts of the picture: 0 is its top or left edge, 1 its bottom or right one.

    It goes beyond 0 and 1 where a model sees a margin around the picture.
    """

    top: float = 0.0
    left: float = 0.0
    bottom: float = 1.0
    right: float = 1.0

    @property
    def height(self) -> float:
        """Parts of the picture's height."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """Parts of the picture's width."""
        return self.right - self.left

    def section(self, down: tuple[float, float, float], across: tuple[float, float, float]) -> "Rect":
        """What lies between two lines, (first, last, of how many), down and across."""
        return Rect(
            self.top + self.height * down[0] / down[2],
            self.left + self.width * across[0] / across[2],
            self.top + self.height * down[1] / down[2],
            self.left + self.width * across[1] / across[2],
        )


WHOLE = Rect()


Bands = tuple[tuple[float, float], ...]
"""Where rows or columns begin and end, in parts of the picture."""


@dataclass(frozen=True)
class Tile:
    """A rectangle of the picture as rows x columns of tokens, which follow each other row by row.

    Attributes:
        rect: what they cover.
        down, across: where each row and each column lies; () where they divide the rectangle evenly.
    """

    rows: int
    columns: int
    rect: Rect = WHOLE
    down: Bands = ()
    across: Bands = ()

    @classmethod
    def banded(cls, down: Bands, across: Bands) -> "Tile":
        """One whose rows and columns do not touch each other everywhere."""
        return cls(len(down), len(across), Rect(down[0][0], across[0][0], down[-1][1], across[-1][1]), down, across)

    @property
    def tokens(self) -> int:
        """Visual tokens."""
        return self.rows * self.columns

    def row_edges(self) -> Tensor:
        """Where each row begins and ends, float64 [2, rows]."""
        return _edges(self.down, self.rows, self.rect.top, self.rect.height)

    def column_edges(self) -> Tensor:
        """Where each column begins and ends, float64 [2, columns]."""
        return _edges(self.across, self.columns, self.rect.left, self.rect.width)


@dataclass(frozen=True)
class TokenLayout:
    """One picture as a model sees it.

    Attributes:
        tiles: what its visual tokens cover, in their order.
        crops: what the images cover that the model's vision tower is given, in their order.
        length: placeholders in the prompt.
        unplaced: which of them stand for no part of the picture (ends of lines), ascending.
        steps: of a video, the time steps that follow each other, each laid out like a picture of one grid; cells and
            tokens are those of all of them. 1 for a picture.
    """

    tiles: tuple[Tile, ...]
    crops: tuple[Rect, ...] = (WHOLE,)
    length: int = 0
    unplaced: tuple[int, ...] = ()
    steps: int = 1

    @classmethod
    def single(cls, rows: int, columns: int, rect: Rect = WHOLE) -> "TokenLayout":
        """One grid of tokens, made of one image."""
        return cls((Tile(rows, columns, rect),), (rect,), rows * columns)

    @classmethod
    def video(cls, steps: int, rows: int, columns: int) -> "TokenLayout":
        """The same grid of tokens in each step of a video."""
        return cls((Tile(rows, columns),), (WHOLE,), steps * rows * columns, steps=steps)

    @property
    def tokens(self) -> int:
        """Visual tokens that stand for a part of the picture, or of the video."""
        return self.steps * sum(tile.tokens for tile in self.tiles)

    @cached_property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of cells: as fine as the finest tile, over the whole picture."""
        rows = max(tile.rows / tile.rect.height for tile in self.tiles)
        columns = max(tile.columns / tile.rect.width for tile in self.tiles)
        return max(1, round(rows)), max(1, round(columns))

    @property
    def cells(self) -> int:
        """Cells of the grid, in all time steps."""
        return self.steps * self.grid[0] * self.grid[1]

    @property
    def is_plain(self) -> bool:
        """Whether the tokens are the cells."""
        return len(self.tiles) == 1 and self.tiles[0].rect == WHOLE

    def spread(self, heat: Tensor) -> Tensor:
        """Heat of tokens -> heat of cells: a token's is divided among the cells that it covers, by area.

        What a token covers outside the picture is lost; a cell that no token covers has 0.

        Args:
            heat: [..., tokens].

        Returns:
            [..., cells], of the same type.
        """
        if self.is_plain:
            return heat
        total = 0
        for tile, own in zip(self.tiles, self._by_tile(heat), strict=True):
            down, across = (axis.to(heat) for axis in self._shares(tile))
            total = total + down.T @ own @ across
        return total.flatten(-2)

    def peak(self, values: Tensor) -> Tensor:
        """Values of tokens [..., tokens] -> of cells [..., cells]: the largest of all tokens at the cell's centre.

        For values that are not divided when a token is cut in two. A cell that no token covers has 0.
        """
        if self.is_plain:
            return values
        found = [torch.zeros(*values.shape[:-1], *self.grid, dtype=values.dtype, device=values.device)]
        for tile, own in zip(self.tiles, self._by_tile(values), strict=True):
            rows, columns = (axis.to(values.device) for axis in self._centres(tile))
            seen = own[..., rows.clamp(min=0)[:, None], columns.clamp(min=0)]
            found.append(torch.where((rows >= 0)[:, None] & (columns >= 0), seen, 0))
        return torch.stack(found).amax(0).flatten(-2)

    def finest(self) -> Tensor:
        """The token that stands for each cell: of those over its centre, the one of the finest tile.

        Returns:
            int64 [cells], -1 where no token lies.
        """
        found = torch.full(self.grid, -1, dtype=torch.int64)
        ends = [0, *itertools.accumulate(tile.tokens for tile in self.tiles)]
        # The coarsest first: a finer tile's tokens take their place.
        for number in sorted(range(len(self.tiles)), key=lambda each: -_area(self.tiles[each])):
            tile = self.tiles[number]
            rows, columns = self._centres(tile)
            over = (rows >= 0)[:, None] & (columns >= 0)
            found = torch.where(over, ends[number] + rows[:, None] * tile.columns + columns, found)
        return found.flatten()

    def share_within(self, cells: Tensor) -> Tensor:
        """How much of each token, of its part inside the picture, lies within some cells.

        Args:
            cells: bool [..., cells].

        Returns:
            float64 [..., tokens], within 0..1; 0 for a token that lies outside the picture.
        """
        if self.is_plain:
            return cells.double()
        field, shares = cells.double().unflatten(-1, self.grid), []
        for tile in self.tiles:
            down, across = (axis.to(field) for axis in self._shares(tile))
            inside = down.sum(1)[:, None] * across.sum(1)
            shares.append(((down @ field @ across.T) / inside.clamp(min=1e-12)).flatten(-2))
        return torch.cat(shares, dim=-1)

    def pixel_cells(self, crop: int, size: tuple[int, int]) -> Tensor:
        """The cell that each pixel of an image that the vision tower is given belongs to.

        Args:
            crop: which of `crops`.
            size: (height, width) of the image in pixels.

        Returns:
            int64 [height, width], -1 outside the picture.
        """
        rect, (rows, columns) = self.crops[crop], self.grid
        down = _cells_along(size[0], rect.top, rect.height, rows)
        across = _cells_along(size[1], rect.left, rect.width, columns)
        cells = down[:, None] * columns + across
        return torch.where((down >= 0)[:, None] & (across >= 0), cells, -1)

    def _by_tile(self, values: Tensor) -> list[Tensor]:
        each = values.split([tile.tokens for tile in self.tiles], dim=-1)
        return [own.unflatten(-1, (tile.rows, tile.columns)) for tile, own in zip(self.tiles, each, strict=True)]

    def _shares(self, tile: Tile) -> tuple[Tensor, Tensor]:
        return _overlaps(tile.row_edges(), self.grid[0]), _overlaps(tile.column_edges(), self.grid[1])

    def _centres(self, tile: Tile) -> tuple[Tensor, Tensor]:
        """The row and the column of the token that lies over each cell's centre; -1 where there is none."""
        return _over_centres(tile.row_edges(), self.grid[0]), _over_centres(tile.column_edges(), self.grid[1])


def _area(tile: Tile) -> float:
    """Of one token, in parts of the picture."""
    return tile.rect.height * tile.rect.width / tile.tokens


def _edges(bands: Bands, count: int, start: float, length: float) -> Tensor:
    if bands:
        return torch.tensor(bands, dtype=torch.float64).T
    edges = start + length * torch.arange(count + 1, dtype=torch.float64) / count
    return torch.stack([edges[:-1], edges[1:]])


def _overlaps(edges: Tensor, cells: int) -> Tensor:
    """float64 [count, cells]: how much of each of the bands [2, count] lies in each cell."""
    first, last = edges[..., None]
    borders = torch.arange(cells + 1, dtype=torch.float64) / cells
    shared = torch.minimum(last, borders[1:]) - torch.maximum(first, borders[:-1])
    return shared.clamp(min=0) / (last - first)


def _over_centres(edges: Tensor, cells: int) -> Tensor:
    """int64 [cells]: which of the bands [2, count] lies over each cell's centre, or -1."""
    first, last = edges
    centres = (torch.arange(cells, dtype=torch.float64) + 0.5) / cells
    band = torch.searchsorted(first.contiguous(), centres, right=True) - 1
    return torch.where((band >= 0) & (centres < last[band.clamp(min=0)]), band, -1)


def _cells_along(pixels: int, start: float, length: float, cells: int) -> Tensor:
    """int64 [pixels]: the cell that the centre of each pixel of [start, start + length] lies in, or -1."""
    centres = start + length * (torch.arange(pixels, dtype=torch.float64) + 0.5) / pixels
    found = (centres * cells).floor().long()
    return torch.where((centres >= 0) & (found < cells), found, -1)
