"""TAM's measures on pixels, against what one works out by hand, and OpenCV's Otsu against the slow one."""

import numpy as np
import pytest

from core.evaluation.benchmark import metrics
from core.evaluation.protocol import tam
from tests.some import some


def test_overlap_is_taken_above_half_of_the_hottest_pixel():
    heat = np.zeros((4, 4))
    heat[1, 1:3] = 1.0, 0.4
    mask = np.zeros((4, 4), bool)
    mask[1, 1] = mask[2, 1] = True
    _otsu, half = tam.obj_iou(heat, mask)
    assert half == pytest.approx(1 / 2)  # one pixel lit, two of the object


def test_a_blank_map_overlaps_with_nothing():
    assert tam.obj_iou(np.zeros((2, 2)), np.ones((8, 8), bool)) == (0.0, 0.0)
    assert tam.thresholds(np.zeros((8, 8), np.float32)) == (0.0, 0.0)


def test_otsu_of_256_levels_is_the_exact_one_on_whole_numbers():
    generator = np.random.default_rng(3)
    for _ in some(range(5)):
        heat = generator.integers(0, 256, (24, 32)).astype(float)
        heat[0, 0] = 255
        otsu, half = tam.thresholds(heat.astype(np.float32))
        assert otsu == pytest.approx(metrics.otsu(heat)) and half == 127.5
        mask = generator.random((24, 32)) > 0.5
        assert tam.obj_iou(heat, mask)[0] == pytest.approx(metrics.obj_iou(heat, mask))


def test_words_without_an_object_are_held_against_the_common_threshold():
    size = (4, 4)
    objects = [np.full((4, 4), 0.0), np.full((4, 4), 0.0)]
    objects[0][0, 0], objects[1][3, 3] = 1.0, 3.0
    _otsu, half = tam.common_thresholds(objects, size)
    assert half == pytest.approx(1.0)  # the mean of 0.5 and 1.5
    word = np.zeros((4, 4))
    word[0] = 0.5, 0.99, 1.0, 2.0
    assert tam.func_iou(word, (0.0, 1.0), size) == (0.0, 14 / 16)


def test_large_masks_are_scaled_down_and_small_ones_left_alone():
    mask = np.zeros((1280, 640), bool)
    mask[:640] = True
    small = tam.scaled_mask(mask)
    assert small.shape == (640, 320) and small[:320].all() and not small[320:].any()
    assert tam.scaled_mask(small) is small


def test_heat_that_is_no_number_is_no_heat():
    heat = np.array([[np.nan, -1.0], [np.inf, 2.0]])
    assert np.array_equal(tam.on_pixels(heat, (2, 2)), [[0, 0], [0, 2]])
