"""Fills of pixels and of many-channelled features: against OpenCV, sums by hand and what a blur must hold."""

import numpy as np
import pytest

from core.evaluation.trust.baselines import BASELINES, blur_sigma, mean_baseline


def test_the_mean_by_hand():
    values = np.array([[[0, 10], [1, 20]], [[2, 30], [5, 0]]], np.uint8)
    filled = mean_baseline(values)
    assert filled.dtype == np.float32 and filled.tolist() == [[[2, 15], [2, 15]], [[2, 15], [2, 15]]]
    filled[0, 0] = 0  # an array of its own, not a view of one row
    assert filled[1, 1, 0] == 2


def test_sigma_is_two_cells_or_an_eighth_of_the_side():
    assert blur_sigma((112, 112), (4, 4)) == 56  # cells of 28 pixels
    assert blur_sigma((36, 48), (36, 48)) == 4.5 and blur_sigma((8, 8), (8, 8)) == 2
    assert blur_sigma((1008, 1008), (36, 36)) == 126


@pytest.mark.parametrize("name", BASELINES)
def test_every_fill_serves_pixels_and_features(name):
    random = np.random.default_rng(2)
    for values, grid in (
        (random.integers(0, 256, (56, 84, 3), np.uint8), (2, 3)),
        (random.normal(size=(6, 9, 70)).astype(np.float32), (6, 9)),
    ):
        before = values.copy()
        filled = BASELINES[name](values, grid)
        assert filled.shape == values.shape and filled.dtype == np.float32 and np.isfinite(filled).all()
        assert (values == before).all()


def test_blur_hides_a_cell():
    """A bright cell is nearly as dark as its surroundings."""
    values = np.zeros((8 * 28, 8 * 28, 1), np.float32)
    values[3 * 28 : 4 * 28, 4 * 28 : 5 * 28] = 1
    filled = BASELINES["blur"](values, (8, 8))
    assert filled.max() < 0.04
