"""Tokens on cells: values worked out by hand, and what holds for any tiles."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.token_layout import WHOLE, Rect, Tile, TokenLayout
from tests.core.models.families.slow import slow_spread
from tests.some import some

LEFT_HALF = Rect(0, 0, 1, 0.5)
MIDDLE = Rect(0, 0.25, 1, 0.75)
PADDED = Rect(-0.5, 0, 1.5, 1)


def layout_of(*tiles):
    return TokenLayout(tiles, tuple(tile.rect for tile in tiles), sum(tile.tokens for tile in tiles))


def test_a_rectangles_sides():
    assert (PADDED.height, PADDED.width) == (2, 1) and (MIDDLE.height, MIDDLE.width) == (1, 0.5)


def test_a_part_of_a_rectangle():
    assert WHOLE.section((1, 2, 4), (0, 1, 2)) == Rect(0.25, 0, 0.5, 0.5)
    assert Rect(-1, 0, 1, 2).section((0, 1, 2), (1, 2, 2)) == Rect(-1, 1, 0, 2)


def test_one_grid_over_the_whole_picture_is_the_map():
    layout = TokenLayout.single(2, 3)
    heat = torch.arange(6.0)
    assert layout.is_plain and layout.grid == (2, 3) and layout.cells == layout.tokens == layout.length == 6
    assert torch.equal(layout.spread(heat), heat) and torch.equal(layout.peak(heat), heat)
    inside = torch.tensor([True, False, True, False, False, False])
    assert layout.share_within(inside).tolist() == [1, 0, 1, 0, 0, 0]


def test_a_square_in_the_middle_leaves_the_sides_cold():
    layout = TokenLayout.single(2, 2, MIDDLE)
    assert layout.grid == (2, 4) and not layout.is_plain
    assert layout.spread(torch.tensor([1.0, 2, 3, 4])).tolist() == [0, 1, 2, 0, 0, 3, 4, 0]
    assert layout.peak(torch.tensor([1.0, 2, 3, 4])).tolist() == [0, 1, 2, 0, 0, 3, 4, 0]


def test_what_lies_on_a_margin_is_lost():
    layout = TokenLayout.single(2, 2, PADDED)  # two rows of which one half each lies in the picture
    assert layout.grid == (1, 2)
    assert layout.spread(torch.tensor([8.0, 2, 4, 6])).tolist() == [6, 4]
    assert layout.share_within(torch.tensor([True, False])).tolist() == [1, 0, 1, 0]
    outside = TokenLayout.single(4, 1, PADDED)  # rows above, two inside, one below
    assert outside.spread(torch.tensor([9.0, 1, 2, 9])).tolist() == [1, 2]
    assert outside.share_within(torch.tensor([True, True])).tolist() == [0, 1, 1, 0]


def test_two_views_add_up():
    layout = layout_of(Tile(1, 1), Tile(2, 2))
    assert layout.grid == (2, 2) and layout.tokens == 5
    assert layout.spread(torch.tensor([4.0, 1, 2, 3, 4])).tolist() == [2, 3, 4, 5]
    assert layout.peak(torch.tensor([2.5, 1, 2, 3, 4])).tolist() == [2.5, 2.5, 3, 4]
    assert layout.share_within(torch.tensor([True, False, False, True])).tolist() == [0.5, 1, 0, 0, 1]


def test_a_token_is_divided_by_area():
    layout = layout_of(Tile(2, 1), Tile(3, 1))
    assert layout.grid == (3, 1)
    # Each of the two reaches over one third and half of the next.
    found = layout.spread(torch.tensor([3.0, 30, 0, 0, 0]))
    torch.testing.assert_close(found, torch.tensor([2.0, 1 + 10, 20]))
    # The middle's centre lies at the second one's beginning.
    assert layout.peak(torch.tensor([3.0, 30, 0, 0, 0])).tolist() == [3, 30, 30]


def test_columns_with_a_gap_between_them():
    tile = Tile.banded(((0.0, 1.0),), ((0.0, 0.4), (0.6, 1.0)))
    assert (tile.rows, tile.columns, tile.rect) == (1, 2, WHOLE)
    layout = layout_of(tile, Tile(1, 5))
    assert layout.grid == (1, 5)
    found = layout.spread(torch.tensor([2.0, 4, 0, 0, 0, 0, 0]))
    torch.testing.assert_close(found, torch.tensor([1.0, 1, 0, 2, 2]))
    assert layout.peak(torch.tensor([2.0, 4, 0, 0, 0, 0, 0])).tolist() == [2, 2, 0, 4, 4]


def test_leading_axes_and_types():
    layout = layout_of(Tile(1, 1), Tile(2, 2))
    heat = torch.rand(2, 3, 5)
    assert layout.spread(heat).shape == (2, 3, 4) and layout.spread(heat).dtype == torch.float32
    torch.testing.assert_close(layout.spread(heat)[1, 2], layout.spread(heat[1, 2]))
    assert layout.peak(heat.double()).dtype == torch.float64


def test_the_cell_of_each_pixel():
    layout = TokenLayout.single(1, 2, Rect(-0.5, 0, 1.5, 1))
    # Four rows of pixels, of which the middle two lie in the picture.
    assert layout.pixel_cells(0, (4, 4)).tolist() == [[-1] * 4, [0, 0, 1, 1], [0, 0, 1, 1], [-1] * 4]
    tiles = TokenLayout((Tile(2, 2),), (LEFT_HALF, Rect(0, 0.5, 1, 1)), 4)
    assert tiles.pixel_cells(0, (2, 2)).tolist() == [[0, 0], [2, 2]]
    assert tiles.pixel_cells(1, (2, 2)).tolist() == [[1, 1], [3, 3]]


sides = st.tuples(st.floats(-0.6, 0.4), st.floats(0.5, 1.6))


@st.composite
def tiles(draw):
    (top, bottom), (left, right) = draw(sides), draw(sides)
    return Tile(draw(st.integers(1, 5)), draw(st.integers(1, 5)), Rect(top, left, bottom, right))


@given(st.lists(tiles(), min_size=1, max_size=3), st.integers(0, 2**31))
@settings(max_examples=80)
def test_spreading_is_the_area_that_token_and_cell_share(found, seed):
    layout = layout_of(*found)
    heat = torch.rand(layout.tokens, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    spread = layout.spread(heat)
    torch.testing.assert_close(spread, slow_spread(layout, heat), atol=1e-9, rtol=1e-9)
    # Nothing is made, and nothing is lost but outside the picture.
    inside = torch.cat([(edges(tile.row_edges())[:, None] * edges(tile.column_edges())).flatten() for tile in found])
    torch.testing.assert_close(spread.sum(), (heat * inside).sum(), atol=1e-9, rtol=1e-9)


def edges(bands):
    """How much of each band lies within 0..1."""
    first, last = bands
    return (last.clamp(0, 1) - first.clamp(0, 1)) / (last - first)


@given(st.lists(tiles(), min_size=1, max_size=3), st.integers(0, 2**31))
@settings(max_examples=80)
def test_shares_of_cells_and_of_their_complement_add_up(found, seed):
    layout = layout_of(*found)
    cells = torch.rand(layout.cells, generator=torch.Generator().manual_seed(seed)) < 0.5
    share, rest = layout.share_within(cells), layout.share_within(~cells)
    inside = torch.cat([(edges(tile.row_edges())[:, None] * edges(tile.column_edges())).flatten() for tile in found])
    torch.testing.assert_close(share + rest, (inside > 1e-12).double(), atol=1e-6, rtol=0)
    # The other way round: heat of tokens, spread, and summed over the cells.
    heat = torch.rand(layout.tokens, dtype=torch.float64)
    torch.testing.assert_close(layout.spread(heat)[cells].sum(), (heat * share * inside).sum(), atol=1e-9, rtol=1e-9)


@given(tiles(), st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=80)
def test_pixels_lie_in_the_cell_at_their_centre(tile, height, width):
    layout = layout_of(tile)
    found, (rows, columns) = layout.pixel_cells(0, (height, width)), layout.grid
    for y in some(range(height)):
        for x in some(range(width)):
            down = tile.rect.top + tile.rect.height * (y + 0.5) / height
            across = tile.rect.left + tile.rect.width * (x + 0.5) / width
            inside = 0 <= down < 1 and 0 <= across < 1
            cell = int(down * rows) * columns + int(across * columns) if inside else -1
            assert int(found[y, x]) == cell


@pytest.mark.parametrize("tile", [Tile(3, 4), Tile(2, 4, MIDDLE), Tile(4, 4, PADDED)])
def test_peaks_are_the_tokens_over_the_centres(tile):
    layout = layout_of(tile)
    values = torch.arange(1.0, tile.tokens + 1)
    found, (rows, columns) = layout.peak(values).reshape(layout.grid), layout.grid
    for row in some(range(rows)):
        for column in some(range(columns)):
            at = ((row + 0.5) / rows - tile.rect.top) / tile.rect.height * tile.rows
            across = ((column + 0.5) / columns - tile.rect.left) / tile.rect.width * tile.columns
            inside = 0 <= at < tile.rows and 0 <= across < tile.columns
            assert float(found[row, column]) == (int(at) * tile.columns + int(across) + 1 if inside else 0)


def test_a_cells_token_is_that_of_the_finest_tile():
    assert TokenLayout.single(2, 3).finest().tolist() == [0, 1, 2, 3, 4, 5]
    # A coarse tile over all of it, and a finer one over its left half: columns 0 and 1 of four are that one's.
    layout = layout_of(Tile(1, 2), Tile(2, 2, LEFT_HALF))
    assert layout.grid == (2, 4)
    assert layout.finest().tolist() == [2, 3, 1, 1, 4, 5, 1, 1]
    assert layout_of(Tile(2, 2, LEFT_HALF), Tile(1, 2)).finest().tolist() == [0, 1, 5, 5, 2, 3, 5, 5]
    assert layout_of(Tile(2, 2, MIDDLE)).finest().tolist() == [-1, 0, 1, -1, -1, 2, 3, -1]
