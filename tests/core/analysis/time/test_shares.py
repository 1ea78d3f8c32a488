"""Shares of heat over time, and their standard errors."""

import numpy as np
import pytest

from core.analysis.time.shares import mean_over_heat, share_errors, share_in_span, time_shares
from core.errors import InputError
from core.schema.time_steps import TimeStep

STEPS = tuple(TimeStep(float(second), second + 1.0) for second in range(3))
# Sums over the picture: 6, 3 and 1.
HEAT = np.array([[[1.0, 2, 3]], [[3, 0, 0]], [[0, 0, 1]]])


def test_shares_by_hand():
    assert time_shares(HEAT) == pytest.approx([0.6, 0.3, 0.1])
    assert time_shares(np.stack([HEAT, 5 * HEAT])).shape == (2, 3)


def test_a_blank_map_is_even():
    assert time_shares(np.zeros((4, 2, 2))) == pytest.approx([0.25] * 4)


def test_errors_by_hand():
    # V = 0.03, 0.12 and 0 of sums 6, 3, 1.
    error = np.zeros_like(HEAT)
    error[0], error[1] = 0.1, 0.2
    first = np.sqrt(0.4**2 * 0.03 + 0.6**2 * 0.12) / 10
    second = np.sqrt(0.7**2 * 0.12 + 0.3**2 * 0.03) / 10
    third = np.sqrt(0.1**2 * 0.15) / 10
    assert share_errors(HEAT, error) == pytest.approx([first, second, third])


def test_errors_are_those_of_a_simulation():
    generator = np.random.default_rng(3)
    heat = generator.uniform(0.5, 2, (5, 4, 6))
    error = 0.05 * heat * generator.uniform(0.5, 2, heat.shape)
    drawn = heat + error * generator.standard_normal((6000, *heat.shape))
    simulated = (drawn.sum((2, 3)) / drawn.sum((1, 2, 3))[:, None]).std(0, ddof=1)
    assert share_errors(heat, error) == pytest.approx(simulated, rel=0.05)


def test_errors_that_are_none_and_that_nobody_knows():
    heat = np.stack([HEAT, HEAT, 0 * HEAT])
    error = np.stack([0 * HEAT, np.full_like(HEAT, np.nan), 0 * HEAT])
    found = share_errors(heat, error)
    assert (found[[0, 2]] == 0).all() and np.isnan(found[1]).all()
    assert np.isnan(share_errors(0 * HEAT, HEAT)).all()


def test_huge_and_tiny_heat_has_the_same_shares_and_errors():
    error = np.full_like(HEAT, 0.01)
    wanted = share_errors(HEAT, error)
    for scale in (1e-30, 1e200):
        assert time_shares(scale * HEAT) == pytest.approx([0.6, 0.3, 0.1])
        assert share_errors(scale * HEAT, scale * error) == pytest.approx(wanted)


def test_a_span_of_seconds():
    error = np.zeros_like(HEAT)
    error[0] = 0.1
    share, unsure = share_in_span(HEAT, error, STEPS, 0.5, 2.0)
    assert share == pytest.approx(0.3 + 0.3)
    # Weights 0.5, 1, 0 around 0.6; V = 0.03, 0, 0.
    assert unsure == pytest.approx(0.1 * np.sqrt(0.03) / 10)
    assert share_in_span(HEAT, error, STEPS, 0, 3)[0] == pytest.approx(1)


def test_a_step_without_seconds_counts_where_it_begins():
    steps = (TimeStep(0.0, 1.0), TimeStep(1.0, 2.0), TimeStep(2.0, 2.0))
    assert share_in_span(HEAT, 0 * HEAT, steps, 2, 3)[0] == pytest.approx(0.1)


@pytest.mark.parametrize("span", [(1, 1), (2, 1), (0, float("nan"))])
def test_a_span_that_is_none(span):
    with pytest.raises(InputError, match="begins before it ends"):
        share_in_span(HEAT, 0 * HEAT, STEPS, *span)


def test_steps_of_another_video():
    with pytest.raises(InputError, match="3 time steps"):
        share_in_span(HEAT, 0 * HEAT, STEPS[:2], 0, 1)


def test_a_map_of_a_picture_has_no_shares():
    with pytest.raises(InputError, match="not of a picture"):
        time_shares(HEAT[0])


def test_the_mean_of_a_number_for_each_step():
    mean, error = mean_over_heat(HEAT, np.full_like(HEAT, 0.1), np.array([0.0, 1.0, 2.0]))
    assert mean == pytest.approx(0.5)
    assert error == pytest.approx(np.sqrt(0.03 * (0.25 + 0.25 + 2.25)) / 10)
