"""The blur of pixels and of many-channelled features: against OpenCV, and what a blur must hold."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.interventions.blurring import blurred

values_of_any_size = arrays(
    np.float32,
    st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 5)),
    elements=st.floats(-100, 100, width=32),
)


@pytest.mark.parametrize("sigma", [0.8, 2.0, 5.3])
def test_the_blur_is_opencvs(sigma):
    values = np.random.default_rng(0).normal(size=(40, 60, 3)).astype(np.float32)
    side = 2 * int(np.ceil(4 * sigma)) + 1
    assert blurred(values, sigma) == pytest.approx(cv2.GaussianBlur(values, (side, side), sigma), abs=1e-5)


def test_features_of_many_channels_are_blurred_each_alone():
    values = np.random.default_rng(1).normal(size=(36, 36, 2048)).astype(np.float32)
    filled = blurred(values, 4.5)
    assert filled.shape == values.shape and filled.dtype == np.float32 and filled.flags.c_contiguous
    for channel in (0, 1, 1023, 2047):
        alone = cv2.GaussianBlur(values[:, :, channel], (37, 37), 4.5)
        assert filled[:, :, channel] == pytest.approx(alone, abs=1e-5)


def test_a_point_spreads_as_a_gaussian():
    values = np.zeros((41, 41, 1))
    values[20, 20] = 1
    y, x = np.mgrid[-20:21, -20:21]
    gaussian = np.exp(-(y**2 + x**2) / (2 * 3.0**2))
    assert blurred(values, 3.0)[:, :, 0] == pytest.approx(gaussian / gaussian.sum(), abs=2e-5)


def test_a_picture_smaller_than_the_kernel():
    values = np.arange(6, dtype=float).reshape(2, 3, 1)
    filled = blurred(values, 4.0)
    assert filled.shape == (2, 3, 1) and np.ptp(filled) < 0.2  # nearly even


@given(values_of_any_size, st.floats(0.3, 4))
def test_a_blur_stays_within_the_values_and_leaves_an_even_picture_alone(values, sigma):
    filled = blurred(values, sigma)
    assert filled.min() >= values.min() - 1e-3 and filled.max() <= values.max() + 1e-3
    even = np.broadcast_to(values.mean((0, 1)), values.shape).copy()
    assert blurred(even, sigma) == pytest.approx(even, abs=1e-3)
