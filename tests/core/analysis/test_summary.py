"""What one sees in a map: values worked out by hand, and ranges that hold for any."""

import numpy as np
import pytest
from hypothesis import given

from core.analysis.summary import summarise
from tests.core.analysis.maps import BLANK, MAPS, UNIFORM


def spots(*places, grid=(9, 9), background=0.0):
    """A map that is 1 in 3 x 3 cells around each of these cells."""
    heat = np.full(grid, background, np.float32)
    for row, column in places:
        heat[row - 1 : row + 2, column - 1 : column + 2] = 1
    return heat


def test_one_cell_of_twenty():
    heat = np.zeros((4, 5))
    heat[3, 0] = 7
    seen = summarise(heat)
    assert (seen.is_blank, seen.top_share, seen.places) == (False, 1.0, ((2, 0),)) and not seen.is_spread
    assert seen.on_object is None and seen.object_size is None


@pytest.mark.parametrize("row", range(3))
@pytest.mark.parametrize("column", range(3))
def test_a_spot_lies_in_its_ninth_of_the_picture(row, column):
    seen = summarise(spots((1 + 3 * row, 1 + 3 * column)))
    # 9 of 81 cells are hot, and the hottest tenth is 8.1 of them.
    assert seen.places == ((row, column),) and seen.top_share == pytest.approx(8.1 / 9)


def test_a_spot_on_the_border_of_ninths_is_one_spot():
    assert summarise(spots((2, 4))).places == ((0, 1),)  # rows 1 to 3, of which the last is in the middle ninth
    assert summarise(spots((4, 3))).places == ((1, 1),)  # its centre of mass is at 3.5 of 9 columns


def test_two_spots_are_two_places_and_not_the_cold_one_between_them():
    heat = spots((1, 1), (7, 7))
    heat[heat > 0] = [2] * 9 + [3] * 9
    assert summarise(heat).places == ((2, 2),)  # only the hotter one is among the hottest tenth
    assert sorted(summarise(spots((1, 1), (7, 7))).places) == [(0, 0), (2, 2)]


def test_the_place_with_most_heat_comes_first_and_specks_are_left_out():
    heat = np.zeros((10, 10))
    heat[8, 7:10], heat[0, 0:2] = 5, 5  # 15 against 10
    assert summarise(heat).places == ((2, 2), (0, 0))
    heat[8, 7:10], heat[0, 0:2] = 50, 5  # the upper left holds 10 of 160
    assert summarise(heat).places == ((2, 2),)


def test_a_tenth_of_thirty_cells_is_three():
    heat = np.zeros((5, 6))
    heat[0, 0:3], heat[4, 5] = 3, 2
    seen = summarise(heat)
    assert seen.places == ((0, 0),) and seen.top_share == pytest.approx(9 / 11)


def test_equally_hot_cells_count_together():
    heat = np.zeros((2, 3))
    heat[:, 2] = 1  # a tenth of 6 cells is less than one of them; both are as hot
    assert summarise(heat).places == ((1, 2),)


@pytest.mark.parametrize("background", [0.0, 0.01, 0.2])
def test_a_spot_smaller_than_a_tenth_does_not_run_into_an_even_background(background):
    heat = np.full((10, 10), background)
    heat[8:10, 8:10] = 1
    assert summarise(heat).places == ((2, 2),)


def test_a_map_is_spread_from_half_of_the_picture_on():
    heat = np.zeros((10, 10))
    heat[:, :6] = 1
    assert summarise(heat).top_share == pytest.approx(1 / 6) and summarise(heat).is_spread
    heat[:, 4:] = 0
    assert summarise(heat).top_share == pytest.approx(1 / 4) and not summarise(heat).is_spread
    assert summarise(heat).places == ((1, 0),)


@pytest.mark.parametrize("heat", [BLANK, -UNIFORM, BLANK * np.nan], ids=["blank", "negative", "no numbers"])
def test_a_blank_map_has_no_place_and_no_heat_on_anything(heat):
    seen = summarise(heat, np.ones((8, 10), bool))
    assert (seen.is_blank, seen.places, seen.on_object, seen.object_size) == (True, (), 0.0, 1.0)


def test_an_even_map_is_spread():
    seen = summarise(UNIFORM)
    assert seen.is_spread and not seen.is_blank and seen.top_share == pytest.approx(0.1)
    assert seen.places == ((1, 1),)


def test_heat_on_an_object_by_hand():
    heat = np.array([[1.0, 2.0], [3.0, 4.0]])
    mask = np.zeros((20, 20), bool)
    mask[10:20, 10:20] = True
    mask[10, 9] = True  # a pixel of the hundred of the cell beside it, which does not make it one of the object's
    seen = summarise(heat, mask)
    assert seen.on_object == pytest.approx(0.4) and seen.object_size == 0.25
    mask[10:20, 8:10] = True
    assert summarise(heat, mask).on_object == pytest.approx(0.7)


def test_an_object_without_pixels_is_no_known_object():
    assert summarise(UNIFORM, np.zeros((8, 10), bool)).on_object is None


@given(MAPS)
def test_ranges_hold(heat):
    seen = summarise(heat, np.eye(12, 16, dtype=bool))
    assert 0.1 - 1e-9 <= seen.top_share <= 1 + 1e-9 and 0 <= seen.on_object <= 1
    assert bool(seen.places) != seen.is_blank and len(set(seen.places)) == len(seen.places)
    assert all(0 <= index <= 2 for place in seen.places for index in place)
