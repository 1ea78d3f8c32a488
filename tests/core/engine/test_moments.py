import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from core.engine.moments import Moments


def test_moments_by_hand():
    moments = Moments.of(np.array([[1.0], [2.0], [3.0]])).merge(Moments.of(np.array([[6.0]])))
    # mean of 1, 2, 3, 6 is 3; squared deviations 4 + 1 + 0 + 9.
    assert moments.mean[0] == 3 and moments.squared_deviation[0] == 14 and moments.count == 4


@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), st.data())
def test_merged_parts_equal_the_whole(values, data):
    cut = data.draw(st.integers(1, len(values) - 1))
    samples = np.array(values)[:, None]
    merged, whole = Moments.of(samples[:cut]).merge(Moments.of(samples[cut:])), Moments.of(samples)
    np.testing.assert_allclose(merged.mean, whole.mean, atol=1e-9)
    np.testing.assert_allclose(merged.squared_deviation, whole.squared_deviation, atol=1e-6)
    np.testing.assert_allclose(whole.squared_deviation, samples.var(0) * len(values), atol=1e-6)
