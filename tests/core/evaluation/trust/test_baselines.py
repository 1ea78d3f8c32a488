"""Fills of pixels and of many-channelled features: against OpenCV, sums by hand and what a blur must hold."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.evaluation.trust.baselines import BASELINES, blur_baseline, blur_sigma, mean_baseline

values_of_any_size = arrays(
    np.float32,
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 5)),
    elements=st.floats(-100, 100, width=32),
)


def test_the_mean_by_hand():
    values = np.array([[[0, 10], [1, 20]], [[2, 30], [5, 0]]], np.uint8)
    filled = mean_baseline(values)
    assert filled.dtype == np.float32 and filled.tolist() == [[[2, 15], [2, 15]], [[2, 15], [2, 15]]]
    filled[0, 0] = 0  # an array of its own, not a view of one row
    assert filled[1, 1, 0] == 2


@pytest.mark.parametrize("sigma", [0.8, 2.0, 5.3])
def test_the_blur_is_opencvs(sigma):
    values = np.random.default_rng(0).normal(size=(40, 60, 3)).astype(np.float32)
    side = 2 * int(np.ceil(4 * sigma)) + 1
    assert blur_baseline(values, sigma) == pytest.approx(cv2.GaussianBlur(values, (side, side), sigma), abs=1e-5)


def test_features_of_many_channels_are_blurred_each_alone():
    values = np.random.default_rng(1).normal(size=(36, 36, 2048)).astype(np.float32)
    filled = blur_baseline(values, 4.5)
    assert filled.shape == values.shape and filled.dtype == np.float32 and filled.flags.c_contiguous
    for channel in (0, 1, 1023, 2047):
        alone = cv2.GaussianBlur(values[:, :, channel], (37, 37), 4.5)
        assert filled[:, :, channel] == pytest.approx(alone, abs=1e-5)


def test_a_point_spreads_as_a_gaussian():
    values = np.zeros((41, 41, 1))
    values[20, 20] = 1
    y, x = np.mgrid[-20:21, -20:21]
    gaussian = np.exp(-(y**2 + x**2) / (2 * 3.0**2))
    assert blur_baseline(values, 3.0)[:, :, 0] == pytest.approx(gaussian / gaussian.sum(), abs=2e-5)


def test_a_picture_smaller_than_the_kernel():
    values = np.arange(6, dtype=float).reshape(2, 3, 1)
    filled = blur_baseline(values, 4.0)
    assert filled.shape == (2, 3, 1) and np.ptp(filled) < 0.2  # nearly even


@given(values_of_any_size, st.floats(0.3, 4))
def test_a_blur_stays_within_the_values_and_leaves_an_even_picture_alone(values, sigma):
    filled = blur_baseline(values, sigma)
    assert filled.min() >= values.min() - 1e-3 and filled.max() <= values.max() + 1e-3
    even = mean_baseline(values)
    assert blur_baseline(even, sigma) == pytest.approx(even, abs=1e-3)


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
