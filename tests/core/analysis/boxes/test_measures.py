"""Heat in boxes and around points, worked out by hand and against a slow count over fine pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.boxes.measures import measure
from core.analysis.boxes.placing import place
from core.analysis.boxes.reading import find_boxes
from core.schema.box_conventions import SeenPicture


def box_at(left, top, right, bottom):
    [written] = find_boxes(f'{{"bbox_2d": [{left}, {top}, {right}, {bottom}]}}').boxes
    return place(written, SeenPicture("qwen3_vl", (1000, 1000)))


def point_at(x, y):
    [written] = find_boxes(f'{{"point_2d": [{x}, {y}]}}').boxes
    return place(written, SeenPicture("qwen3_vl", (1000, 1000)))


def test_a_map_that_is_the_box():
    heat = np.zeros((4, 5))
    heat[:2, :2] = 3
    found = measure(box_at(0, 0, 400, 500), heat)
    assert found.share_of_heat == pytest.approx(1) and found.overlap == pytest.approx(1)
    assert found.share_of_picture == pytest.approx(0.2) and found.lift == pytest.approx(5)


def test_a_map_beside_the_box():
    heat = np.zeros((4, 4))
    heat[3, 3] = 1
    found = measure(box_at(0, 0, 500, 500), heat)
    # Its four hottest cells are the hot one and a fifth of each of the 15 others, four of which are in the box.
    assert found.share_of_heat == 0 and found.lift == 0
    assert found.overlap == pytest.approx(0.8 / (4 + 4 - 0.8))


def test_a_blank_map_is_an_even_one():
    found = measure(box_at(0, 0, 500, 500), np.zeros((4, 4)))
    assert found.lift == pytest.approx(1) and found.share_of_heat == pytest.approx(0.25)
    assert found.overlap == pytest.approx(1 / 7)  # a quarter of each cell, of which four are in it


def test_points():
    heat = np.zeros((10, 10))
    heat[0, 0], heat[5, 5], heat[9, 9] = 1, 2, 1
    middle = measure(point_at(560, 520), heat)
    assert middle.share_of_heat == pytest.approx(0.5) and middle.share_of_picture == pytest.approx(0.09)
    assert middle.lift == pytest.approx(0.5 / 0.09) and middle.overlap is None
    # At the corner there are four cells, and the very edge belongs to the last one.
    corner = measure(point_at(1000, 1000), heat)
    assert corner.share_of_heat == pytest.approx(0.25) and corner.share_of_picture == pytest.approx(0.04)


def test_what_has_no_place_or_no_area_has_no_measure():
    heat = np.ones((4, 4))
    assert measure(box_at(2000, 2000, 3000, 3000), heat) is None
    assert measure(box_at(10, 10, 10, 20), heat) is None
    [written] = find_boxes('{"bbox_2d": [1, 2, 3, 4]}').boxes
    assert measure(place(written, None), heat) is None


@given(st.integers(0, 2**32 - 1))
def test_against_a_count_over_pixels(seed):
    """Without ties: each cell as 20 x 20 pixels, those of the hottest cells taken one by one."""
    random = np.random.default_rng(seed)
    heat = random.permutation(30).reshape(5, 6).astype(float) + 1
    (x0, x1), (y0, y1) = sorted(random.choice(121, 2, False)), sorted(random.choice(101, 2, False))
    box = box_at(1000 * x0 / 120, 1000 * y0 / 100, 1000 * x1 / 120, 1000 * y1 / 100)
    inside = np.zeros((100, 120), bool)
    inside[y0:y1, x0:x1] = True
    found = measure(box, heat)
    pixels = np.kron(heat, np.ones((20, 20)))
    assert found.share_of_heat == pytest.approx(pixels[inside].sum() / pixels.sum())
    assert found.share_of_picture == pytest.approx(inside.mean())
    left, common = inside.sum() / 400, 0.0
    for cell in np.argsort(-heat, axis=None):
        row, column = divmod(cell, 6)
        taken = min(1.0, left)
        left -= taken
        common += min(taken, inside[20 * row : 20 * row + 20, 20 * column : 20 * column + 20].mean())
    assert found.overlap == pytest.approx(common / (2 * inside.sum() / 400 - common), abs=1e-9)
