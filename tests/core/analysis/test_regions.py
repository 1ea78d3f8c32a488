"""Regions of interest: overlaps that are known by hand, and text from addresses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.regions import Region
from core.errors import InputError

COORDINATE = st.floats(0, 1).map(lambda value: round(value, 3))


def test_a_box_counts_cells_by_their_overlap():
    box = Region(((0.25, 0.0), (1.0, 0.5)))
    assert box.share_of_cells((2, 2)).tolist() == [[0.5, 1.0], [0, 0]]
    assert box.share_of_heat(np.array([[4.0, 2.0], [1.0, 1.0]])) == pytest.approx((2 + 2) / 8)


def test_a_box_may_be_drawn_from_any_corner():
    assert np.array_equal(
        Region(((0.9, 0.8), (0.1, 0.2))).share_of_cells((3, 4)), Region(((0.1, 0.2), (0.9, 0.8))).share_of_cells((3, 4))
    )


def test_a_triangle_holds_half_of_the_picture():
    triangle = Region(((0, 0), (1, 0), (0, 1)))
    assert triangle.share_of_cells((1, 1)) == pytest.approx(0.5, abs=1e-3)
    assert triangle.share_of_cells((2, 2)) == pytest.approx(np.array([[1, 0.5], [0.5, 0]]), abs=1e-3)


def test_a_polygon_of_four_corners_is_the_box():
    box = Region(((0.125, 0.25), (0.75, 0.875)))
    assert Region(box.outline).share_of_cells((5, 7)) == pytest.approx(box.share_of_cells((5, 7)), abs=0.04)


def test_of_a_blank_map_it_holds_its_share_of_the_picture():
    assert Region(((0, 0), (0.5, 0.5))).share_of_heat(np.zeros((2, 4, 6))).tolist() == pytest.approx([0.25, 0.25])


def test_what_a_hand_draws_is_cut_to_the_picture_and_simplified():
    angles = np.linspace(0, 2 * np.pi, 500)
    drawn = Region.drawn(0.5 + 0.3 * np.cos(angles), 0.5 + 0.3 * np.sin(angles))
    assert 8 <= len(drawn.corners) <= 64
    assert drawn.share_of_cells((20, 20)).mean() == pytest.approx(np.pi * 0.09, rel=0.02)
    assert Region.from_text(drawn.to_text()) == drawn
    outside = Region.drawn([0.5, 2, 2, 0.5], [-1, -1, 0.5, 0.5])
    assert outside.share_of_cells((2, 2)).tolist() == [[0, 1], [0, 0]]
    with pytest.raises(InputError):
        Region.drawn([0.2, 0.2001, 0.2], [0.3, 0.3, 0.3001])


def test_its_mask_covers_the_same_place():
    mask = Region(((0.5, 0.0), (1.0, 0.5))).mask((101, 101))
    assert mask[10, 90] and not mask[90, 10] and mask.mean() == pytest.approx(0.25, abs=0.02)


@given(COORDINATE, COORDINATE, COORDINATE, COORDINATE)
def test_a_box_holds_its_share_of_the_picture_and_survives_the_address(x0, x1, y0, y1):
    if x0 == x1 or y0 == y1:
        with pytest.raises(InputError):
            Region(((x0, y0), (x1, y1)))
        return
    region = Region(((x0, y0), (x1, y1)))
    assert region.share_of_cells((4, 5)).sum() / 20 == pytest.approx(abs(x1 - x0) * abs(y1 - y0))
    assert Region.from_text(region.to_text()) == region


@pytest.mark.parametrize(
    "text",
    ["", "0,0", "0,0;2,2", "nan,0;1,1", "a,b;c,d", "0,0,0;1,1,1", "0,0;0,1", "<b>", ";".join(["0,0", "1,1"] * 40)],
)
def test_nonsense_is_refused_in_one_sentence(text):
    with pytest.raises(InputError):
        Region.from_text(text)
