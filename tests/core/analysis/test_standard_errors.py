"""Standard errors of statistics."""

import numpy as np
import pytest

from core.analysis.concentration import STATISTICS, progression
from core.analysis.location import centre
from core.analysis.standard_errors import standard_errors


def test_the_error_of_a_mean_is_what_propagation_says():
    # x of the centre of two cells of heat 1: derivative of (h1 / (h0 + h1) / 2 + 1/4) is +-1/8 a cell.
    heat, error = np.ones((1, 1, 2)), np.full((1, 1, 2), 0.01)
    found = standard_errors(heat, error, lambda drawn: {"x": centre(drawn)[0]}, draws=4000)
    assert found["x"] == pytest.approx(np.sqrt(2) / 8 * 0.01, rel=0.05)


def test_no_noise_gives_no_error_and_an_unknown_one_stays_unknown():
    heat = np.random.default_rng(1).random((2, 3, 4))
    error = np.stack([np.zeros((3, 4)), np.full((3, 4), np.nan)])
    found = standard_errors(heat, error, progression)
    assert list(found) == list(STATISTICS)
    assert all(values[0] == 0 and np.isnan(values[1]) for values in found.values())


def test_it_is_the_same_every_time_and_grows_with_the_error():
    heat = np.random.default_rng(1).random((2, 6, 8))
    small, again = (standard_errors(heat, heat / 100, progression)["entropy"] for _ in range(2))
    assert np.array_equal(small, again)
    assert (standard_errors(heat, heat / 10, progression)["entropy"] > small).all()
