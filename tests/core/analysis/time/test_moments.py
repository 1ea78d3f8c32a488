"""Where in time heat lies."""

import numpy as np
import pytest

from core.analysis.time.moments import Peak, mean_time, peak_cell, time_entropy, time_spread
from core.errors import InputError
from core.schema.time_steps import TimeStep

# Middles at 1 and 3.5 s.
STEPS = (TimeStep(0.0, 2.0), TimeStep(2.0, 5.0))
HEAT = np.array([[[3.0, 0.0]], [[0.0, 1.0]]])


def test_the_mean_time_and_its_error_by_hand():
    mean, error = mean_time(HEAT, np.array([[[0.2, 0.0]], [[0.0, 0.1]]]), STEPS)
    assert mean == pytest.approx(0.75 * 1 + 0.25 * 3.5)
    assert error == pytest.approx(np.sqrt(0.625**2 * 0.04 + 1.875**2 * 0.01) / 4)


def test_the_mean_times_error_is_that_of_a_simulation():
    generator = np.random.default_rng(5)
    heat = generator.uniform(1, 2, (2, 3, 4))
    error = 0.05 * heat
    drawn = heat + error * generator.standard_normal((6000, *heat.shape))
    means, _ = mean_time(drawn, 0 * drawn, STEPS)
    assert mean_time(heat, error, STEPS)[1] == pytest.approx(means.std(ddof=1), rel=0.05)


def test_the_spread_in_seconds():
    assert time_spread(HEAT, STEPS) == pytest.approx(np.sqrt(0.75 * 0.625**2 + 0.25 * 1.875**2))
    assert time_spread(HEAT * [[[1.0]], [[0.0]]], STEPS) == 0


def test_evenness_over_time():
    assert time_entropy(HEAT) == pytest.approx(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25)) / np.log(2))
    assert time_entropy(np.ones((4, 2, 3))) == pytest.approx(1) and time_entropy(np.zeros((4, 2, 3))) == pytest.approx(
        1
    )
    assert time_entropy(HEAT[:1]) == 0 and time_entropy(HEAT * [[[1.0]], [[0.0]]]) == 0


def test_the_peak():
    assert peak_cell(HEAT) == Peak(0, 0, 0, 3.0)
    assert peak_cell(HEAT[::-1]) == Peak(1, 0, 0, 3.0)
    assert peak_cell(np.ones((2, 1, 2))) is None and peak_cell(np.zeros((2, 1, 2))) is None


def test_steps_of_another_video():
    with pytest.raises(InputError, match="2 time steps"):
        time_spread(HEAT, STEPS[:1])
