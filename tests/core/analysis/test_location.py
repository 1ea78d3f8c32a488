"""Centre, spread, peak and hot regions of maps whose values are known by hand."""

import numpy as np
import pytest
from hypothesis import given

from core.analysis.location import centre, hot_regions, hottest_cells, peak, spread
from core.heatmap import distribution
from tests.core.analysis.maps import BLANK, MAPS, ONE_CELL, TWO_BLOBS, TWO_EQUAL, UNIFORM

GRADIENT = np.tile(np.arange(1.0, 5.0), (2, 1))  # columns of 1, 2, 3, 4


def test_one_cell():
    assert centre(ONE_CELL) == pytest.approx((0.1, 0.125)) and spread(ONE_CELL) == pytest.approx(0)
    assert peak(ONE_CELL) == pytest.approx((0.1, 0.125, 1.0))
    assert hot_regions(ONE_CELL) == pytest.approx((1, 1 / 20))


@pytest.mark.parametrize("heat", [UNIFORM, BLANK, -UNIFORM], ids=["uniform", "blank", "negative"])
def test_no_preference(heat):
    assert centre(heat) == pytest.approx((0.5, 0.5))
    # Variance of n centres (i + 1/2) / n: (1 - 1/n^2) / 12.
    assert spread(heat) == pytest.approx(np.sqrt((2 - 1 / 16 - 1 / 25) / 12))
    assert peak(heat) == pytest.approx((0.5, 0.5, max(heat.max(), 0)))
    assert hot_regions(heat) == (1, 1)


def test_two_equal_cells_of_four():
    assert spread(TWO_EQUAL) == pytest.approx(np.sqrt(2) / 4)
    assert hot_regions(TWO_EQUAL) == (1, 0.5)  # they touch at a corner


def test_two_blobs():
    # 4 cells of 1/8 around (0.2, 1/3) and 2 cells of 1/4 around (0.8, 0.75).
    assert centre(TWO_BLOBS) == pytest.approx((0.5, (2 / 6 + 4.5 / 6) / 2))
    assert hot_regions(TWO_BLOBS) == pytest.approx((2, 4 / 60))
    assert peak(TWO_BLOBS) == pytest.approx((0.75, 0.75, 2.0))
    # Cold blobs are no regions: below half of the maximum.
    assert hot_regions(np.where(TWO_BLOBS == 1, 0.9, TWO_BLOBS)) == pytest.approx((1, 2 / 60))


def test_a_gradient():
    # p = (1, 2, 3, 4) / 10 over the columns; centres 1/8, 3/8, 5/8, 7/8.
    x, y = centre(GRADIENT)
    assert x == pytest.approx((1 + 2 * 3 + 3 * 5 + 4 * 7) / 80) and y == pytest.approx(0.5)
    squares = (1 + 2 * 9 + 3 * 25 + 4 * 49) / 640
    assert spread(GRADIENT) == pytest.approx(np.sqrt(squares - x**2 + 1 / 16))
    assert peak(GRADIENT) == pytest.approx((7 / 8, 1 / 4, 4.0))
    assert hot_regions(GRADIENT) == (1, 0.75)  # 2 is half of 4


@given(MAPS)
def test_ranges_hold(heat):
    assert 0 <= spread(heat) <= np.sqrt(0.5) + 1e-9
    assert all(0 < at < 1 for at in (*centre(heat), *peak(heat)[:2]))
    count, largest = hot_regions(heat)
    assert 1 <= count <= 6 and 1 / 12 <= largest <= 1


def test_the_hottest_cells_hold_half_of_the_heat():
    assert hottest_cells(ONE_CELL, ONE_CELL.shape) == ((0, 0),)
    assert hottest_cells(GRADIENT, (2, 4)) == ((0, 2), (0, 3), (1, 3))  # 4 + 4 + 3 of 20
    assert hottest_cells(GRADIENT, (2, 4), 0.01) == ((0, 3),)
    assert hottest_cells(GRADIENT, (2, 4), 0.999) == tuple(np.ndindex(2, 4))
    assert len(hottest_cells(BLANK, BLANK.shape)) == BLANK.size // 2


def test_the_hottest_cells_of_a_finer_map_are_told_on_the_grid_that_is_wanted():
    fine = np.zeros((4, 6), np.float32)
    fine[2:, 4:] = 1
    assert hottest_cells(fine, (2, 3)) == ((1, 2),)


@given(MAPS)
def test_fewer_cells_do_not_hold_as_much(heat):
    heat = heat.reshape(-1, *heat.shape[-2:])[0]
    cells = hottest_cells(heat, heat.shape)
    p = distribution(heat).reshape(heat.shape)
    held = sorted(p[cell] for cell in cells)
    assert sum(held) >= 0.5 - 1e-6 and sum(held[1:]) < 0.5
