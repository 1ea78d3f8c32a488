"""Tokens on cells: values worked out by hand, and what holds for any views."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.token_layout import WHOLE, Rect, Tile, TokenLayout
from tests.core.models.families.slow import slow_spread

LEFT_HALF = Rect(0, 0, 1, 0.5)
MIDDLE = Rect(0, 0.25, 1, 0.75)
PADDED = Rect(-0.5, 0, 1.5, 1)


def sight_of(*views):
    return TokenLayout(views, tuple(view.rect for view in views), sum(view.tokens for view in views))


def test_a_rectangles_sides():
    assert (PADDED.height, PADDED.width) == (2, 1) and (MIDDLE.height, MIDDLE.width) == (1, 0.5)


def test_a_part_of_a_rectangle():
    assert WHOLE.part((1, 2, 4), (0, 1, 2)) == Rect(0.25, 0, 0.5, 0.5)
    assert Rect(-1, 0, 1, 2).part((0, 1, 2), (1, 2, 2)) == Rect(-1, 1, 0, 2)


def test_one_grid_over_the_whole_picture_is_the_map():
    sight = TokenLayout.single(2, 3)
    heat = torch.arange(6.0)
    assert sight.is_plain and sight.grid == (2, 3) and sight.cells == sight.tokens == sight.length == 6
    assert torch.equal(sight.spread(heat), heat) and torch.equal(sight.peak(heat), heat)
    inside = torch.tensor([True, False, True, False, False, False])
    assert sight.share_within(inside).tolist() == [1, 0, 1, 0, 0, 0]


def test_a_square_in_the_middle_leaves_the_sides_cold():
    sight = TokenLayout.single(2, 2, MIDDLE)
    assert sight.grid == (2, 4) and not sight.is_plain
    assert sight.spread(torch.tensor([1.0, 2, 3, 4])).tolist() == [0, 1, 2, 0, 0, 3, 4, 0]
    assert sight.peak(torch.tensor([1.0, 2, 3, 4])).tolist() == [0, 1, 2, 0, 0, 3, 4, 0]


def test_what_lies_on_a_margin_is_lost():
    sight = TokenLayout.single(2, 2, PADDED)  # two rows of which one half each lies in the picture
    assert sight.grid == (1, 2)
    assert sight.spread(torch.tensor([8.0, 2, 4, 6])).tolist() == [6, 4]
    assert sight.share_within(torch.tensor([True, False])).tolist() == [1, 0, 1, 0]
    outside = TokenLayout.single(4, 1, PADDED)  # rows above, two inside, one below
    assert outside.spread(torch.tensor([9.0, 1, 2, 9])).tolist() == [1, 2]
    assert outside.share_within(torch.tensor([True, True])).tolist() == [0, 1, 1, 0]


def test_two_views_add_up():
    sight = sight_of(Tile(1, 1), Tile(2, 2))
    assert sight.grid == (2, 2) and sight.tokens == 5
    assert sight.spread(torch.tensor([4.0, 1, 2, 3, 4])).tolist() == [2, 3, 4, 5]
    assert sight.peak(torch.tensor([2.5, 1, 2, 3, 4])).tolist() == [2.5, 2.5, 3, 4]
    assert sight.share_within(torch.tensor([True, False, False, True])).tolist() == [0.5, 1, 0, 0, 1]


def test_a_token_is_divided_by_area():
    sight = sight_of(Tile(2, 1), Tile(3, 1))
    assert sight.grid == (3, 1)
    # Each of the two reaches over one third and half of the next.
    found = sight.spread(torch.tensor([3.0, 30, 0, 0, 0]))
    torch.testing.assert_close(found, torch.tensor([2.0, 1 + 10, 20]))
    # The middle's centre lies at the second one's beginning.
    assert sight.peak(torch.tensor([3.0, 30, 0, 0, 0])).tolist() == [3, 30, 30]


def test_columns_with_a_gap_between_them():
    view = Tile.banded(((0.0, 1.0),), ((0.0, 0.4), (0.6, 1.0)))
    assert (view.rows, view.columns, view.rect) == (1, 2, WHOLE)
    sight = sight_of(view, Tile(1, 5))
    assert sight.grid == (1, 5)
    found = sight.spread(torch.tensor([2.0, 4, 0, 0, 0, 0, 0]))
    torch.testing.assert_close(found, torch.tensor([1.0, 1, 0, 2, 2]))
    assert sight.peak(torch.tensor([2.0, 4, 0, 0, 0, 0, 0])).tolist() == [2, 2, 0, 4, 4]


def test_leading_axes_and_types():
    sight = sight_of(Tile(1, 1), Tile(2, 2))
    heat = torch.rand(2, 3, 5)
    assert sight.spread(heat).shape == (2, 3, 4) and sight.spread(heat).dtype == torch.float32
    torch.testing.assert_close(sight.spread(heat)[1, 2], sight.spread(heat[1, 2]))
    assert sight.peak(heat.double()).dtype == torch.float64


def test_the_cell_of_each_pixel():
    sight = TokenLayout.single(1, 2, Rect(-0.5, 0, 1.5, 1))
    # Four rows of pixels, of which the middle two lie in the picture.
    assert sight.pixel_cells(0, (4, 4)).tolist() == [[-1] * 4, [0, 0, 1, 1], [0, 0, 1, 1], [-1] * 4]
    tiles = TokenLayout((Tile(2, 2),), (LEFT_HALF, Rect(0, 0.5, 1, 1)), 4)
    assert tiles.pixel_cells(0, (2, 2)).tolist() == [[0, 0], [2, 2]]
    assert tiles.pixel_cells(1, (2, 2)).tolist() == [[1, 1], [3, 3]]


sides = st.tuples(st.floats(-0.6, 0.4), st.floats(0.5, 1.6))


@st.composite
def views(draw):
    (top, bottom), (left, right) = draw(sides), draw(sides)
    return Tile(draw(st.integers(1, 5)), draw(st.integers(1, 5)), Rect(top, left, bottom, right))


@given(st.lists(views(), min_size=1, max_size=3), st.integers(0, 2**31))
@settings(max_examples=80, deadline=None)
def test_spreading_is_the_area_that_token_and_cell_share(found, seed):
    sight = sight_of(*found)
    heat = torch.rand(sight.tokens, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    spread = sight.spread(heat)
    torch.testing.assert_close(spread, slow_spread(sight, heat), atol=1e-9, rtol=1e-9)
    # Nothing is made, and nothing is lost but outside the picture.
    inside = torch.cat([(edges(view.row_edges())[:, None] * edges(view.column_edges())).flatten() for view in found])
    torch.testing.assert_close(spread.sum(), (heat * inside).sum(), atol=1e-9, rtol=1e-9)


def edges(bands):
    """How much of each band lies within 0..1."""
    first, last = bands
    return (last.clamp(0, 1) - first.clamp(0, 1)) / (last - first)


@given(st.lists(views(), min_size=1, max_size=3), st.integers(0, 2**31))
@settings(max_examples=80, deadline=None)
def test_shares_of_cells_and_of_their_complement_add_up(found, seed):
    sight = sight_of(*found)
    cells = torch.rand(sight.cells, generator=torch.Generator().manual_seed(seed)) < 0.5
    share, rest = sight.share_within(cells), sight.share_within(~cells)
    inside = torch.cat([(edges(view.row_edges())[:, None] * edges(view.column_edges())).flatten() for view in found])
    torch.testing.assert_close(share + rest, (inside > 1e-12).double(), atol=1e-6, rtol=0)
    # The other way round: heat of tokens, spread, and summed over the cells.
    heat = torch.rand(sight.tokens, dtype=torch.float64)
    torch.testing.assert_close(sight.spread(heat)[cells].sum(), (heat * share * inside).sum(), atol=1e-9, rtol=1e-9)


@given(views(), st.integers(1, 9), st.integers(1, 9))
@settings(max_examples=80, deadline=None)
def test_pixels_lie_in_the_cell_at_their_centre(view, height, width):
    sight = sight_of(view)
    found, (rows, columns) = sight.pixel_cells(0, (height, width)), sight.grid
    for y in range(height):
        for x in range(width):
            place = view.rect.top + view.rect.height * (y + 0.5) / height
            across = view.rect.left + view.rect.width * (x + 0.5) / width
            inside = 0 <= place < 1 and 0 <= across < 1
            cell = int(place * rows) * columns + int(across * columns) if inside else -1
            assert int(found[y, x]) == cell


@pytest.mark.parametrize("view", [Tile(3, 4), Tile(2, 4, MIDDLE), Tile(4, 4, PADDED)])
def test_peaks_are_the_tokens_over_the_centres(view):
    sight = sight_of(view)
    values = torch.arange(1.0, view.tokens + 1)
    found, (rows, columns) = sight.peak(values).reshape(sight.grid), sight.grid
    for row in range(rows):
        for column in range(columns):
            at = ((row + 0.5) / rows - view.rect.top) / view.rect.height * view.rows
            across = ((column + 0.5) / columns - view.rect.left) / view.rect.width * view.columns
            inside = 0 <= at < view.rows and 0 <= across < view.columns
            assert float(found[row, column]) == (int(at) * view.columns + int(across) + 1 if inside else 0)
