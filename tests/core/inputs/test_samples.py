"""How far values reach, against sorting them."""

import numpy as np
import pytest
from PIL import Image

from core.inputs.samples import Samples, extent

RNG = np.random.default_rng(3)


def by_sorting(values):
    values = np.sort(values[np.isfinite(values)].ravel())
    beyond = max(1, int(np.ceil(values.size / 1000))) if values.size >= 16 else 0
    return values[0], values[-1], values[beyond], values[-1 - beyond]


@pytest.mark.parametrize(
    "values",
    [
        RNG.integers(0, 65536, (700, 900)).astype(np.uint16),
        RNG.integers(-32768, 32768, (70, 90, 3)).astype(np.int16),
        RNG.integers(-(2**31), 2**31, (400, 90)).astype(np.int32),
        RNG.integers(0, 2**32, (40, 90)).astype(np.uint32),
        RNG.normal(0, 1e3, (1200, 1100)).astype(np.float32),
        RNG.normal(0, 1e-30, (40, 50, 3)).astype(np.float32),
        np.array([[3.0, -2.0, 7.5]], np.float32),
    ],
    ids=lambda values: f"{values.dtype} {values.shape}",
)
def test_the_reach_is_exact(values):
    found = extent(Samples.of_array(values))
    assert (found.lowest, found.highest, found.low, found.high) == tuple(map(float, by_sorting(values)))
    assert found.not_finite == 0


def test_a_large_picture_is_read_in_strips_and_is_the_same():
    values = RNG.integers(0, 4096, (1500, 2000)).astype(np.uint16)
    strips = list(Samples.of_image(Image.fromarray(values)).strips())
    assert len(strips) == 3
    assert np.array_equal(np.concatenate([part for _, part in strips]), values)


def test_wild_values_and_what_is_no_number_count_for_nothing():
    values = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    values[0, 3], values[4, 4], values[5, 5] = np.nan, np.inf, 1e30
    found = extent(Samples.of_array(values))
    assert found.not_finite == 2 and found.highest == np.float32(1e30) and found.high == 1


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (np.full((20, 20), 7, np.uint16), 7, 7),
        (np.where(np.arange(400).reshape(20, 20) == 5, 900, 7).astype(np.uint16), 7, 900),
        (np.full((3, 3), np.nan, np.float32), 0, 0),
    ],
    ids=["one value", "one value but for one", "no number at all"],
)
def test_where_nearly_all_are_the_same(values, low, high):
    found = extent(Samples.of_array(values))
    assert (found.low, found.high) == (low, high)
