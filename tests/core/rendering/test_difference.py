"""A difference over its picture: red above zero, blue below, and the picture where there is none."""

import numpy as np

from core.rendering.difference import STOPS, colours, difference_overlay, largest

GREY = np.full((40, 60, 3), 128, np.uint8)
ROW = np.array([[-2.0, 0.0, 2.0]])


def test_more_is_red_less_is_blue_and_where_they_agree_the_picture_is_as_it_was():
    left, middle, right = difference_overlay(GREY, ROW, opacity=1, smooth=False)[20, (10, 30, 50)].astype(int)
    assert left.tolist() == list(STOPS[0][1]) and right.tolist() == list(STOPS[-1][1])
    assert middle.tolist() == [128] * 3
    faint = difference_overlay(GREY, ROW, smooth=False, maximum=8.0)[20, 10].astype(int)
    assert np.abs(faint - 128).max() < np.abs(left - 128).max() / 2


def test_one_opacity_everywhere_shows_the_middle_of_the_scale():
    drawn = difference_overlay(GREY, ROW, opacity=1, smooth=False, even=True)
    assert np.abs(drawn[20, 30].astype(int) - STOPS[2][1]).max() <= 1


def test_small_amounts_to_either_side_are_hidden():
    drawn = difference_overlay(GREY, np.array([[-1.0, -0.2, 0.2, 1.0]]), smooth=False, threshold=0.5)
    assert (drawn[:, 15:45] == 128).all() and (drawn[:, :15] != 128).any() and (drawn[:, 45:] != 128).any()


def test_no_difference_has_a_scale_and_no_colour():
    blank = np.zeros((2, 3))
    assert largest(blank) == 1 and np.array_equal(difference_overlay(GREY, blank), GREY)
    assert largest(np.array([[-3.0, 2.0]])) == 3


def test_there_are_256_colours_from_end_to_end():
    table = colours()
    assert table.shape == (256, 3) and table.dtype == np.uint8
    assert table[0].tolist() == list(STOPS[0][1]) and table[-1].tolist() == list(STOPS[-1][1])
