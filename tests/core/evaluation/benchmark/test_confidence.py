"""Intervals: figures known by hand, a slow bootstrap, and how often they hold the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.benchmark.confidence import (
    mean_interval,
    statistic_interval,
)


def test_equal_scenes_leave_no_doubt():
    interval = mean_interval([0.1] * 7)
    assert (interval.mean, interval.low, interval.high) == pytest.approx((0.1, 0.1, 0.1), abs=1e-15)
    assert interval.count == 7


def test_one_scene():
    interval = mean_interval([3.0])
    assert interval.mean == interval.low == interval.high == 3 and interval.count == 1


def test_two_scenes_by_hand():
    # Of four equally likely draws the mean is 0 in one, 1 in one: more than 2.5 % either way.
    interval = mean_interval(np.array([False, True]))
    assert (interval.mean, interval.low, interval.high) == (0.5, 0, 1)


def test_the_interval_is_that_of_drawing_scenes_one_by_one():
    values = np.random.default_rng(1).exponential(size=40)
    random = np.random.default_rng(2)
    means = [random.choice(values, 40).mean() for _ in range(20_000)]
    interval = mean_interval(values, resamples=20_000)
    assert (interval.low, interval.high) == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.02)


def test_about_as_many_intervals_hold_the_truth_as_promised():
    random = np.random.default_rng(3)
    values = random.normal(1, 2, (60, 300))  # 300 experiments of 60 scenes
    interval = mean_interval(values, level=0.9)
    held = ((interval.low <= 1) & (interval.high >= 1)).mean()
    assert 0.85 <= held <= 0.95


def test_trailing_axes_are_figures_of_the_same_scenes():
    values = np.random.default_rng(4).random((12, 2, 3))
    interval = mean_interval(values)
    assert interval.mean.shape == interval.low.shape == interval.high.shape == (2, 3)
    alone = mean_interval(values[:, 1, 2])
    assert (interval.low[1, 2], interval.high[1, 2]) == pytest.approx((alone.low, alone.high))
    assert (
        isinstance(alone.low, float) and (interval.low < interval.mean).all() and (interval.mean < interval.high).all()
    )


def test_seeds_and_levels():
    values = np.random.default_rng(5).random(30)
    assert mean_interval(values, seed=1).low == mean_interval(values, seed=1).low != mean_interval(values, seed=2).low
    narrow, wide = mean_interval(values, level=0.5), mean_interval(values, level=0.99)
    assert wide.low < narrow.low < narrow.high < wide.high


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=8), st.floats(-50, 50))
def test_the_interval_moves_with_the_values(values, shift):
    still, moved = mean_interval(values, resamples=50), mean_interval(np.add(values, shift), resamples=50)
    assert (moved.mean, moved.low, moved.high) == pytest.approx(
        (still.mean + shift, still.low + shift, still.high + shift), abs=1e-9
    )
    assert min(values) - 1e-9 <= still.low <= still.high <= max(values) + 1e-9


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: mean_interval([]), "at least one scene"),
        (lambda: mean_interval(3.0), "at least one scene"),
        (lambda: mean_interval([1.0], level=95), "0.95"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_function_of_the_means_has_the_interval_of_its_draws():
    values = np.random.default_rng(3).uniform(1, 2, (12, 2))
    interval = statistic_interval(values, lambda means: means[..., 0] / means[..., 1])
    assert interval.mean == pytest.approx(values[:, 0].mean() / values[:, 1].mean())
    rng = np.random.default_rng(8)
    draws = [values[rng.integers(12, size=12)].mean(0) for _ in range(4000)]
    low, high = np.quantile([a / b for a, b in draws], [0.025, 0.975])
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.01)
    # The mean itself is such a function.
    same, plain = statistic_interval(values, lambda means: means), mean_interval(values)
    assert same.low == pytest.approx(plain.low) and same.high == pytest.approx(plain.high)
    with pytest.raises(ValueError, match="at least one scene"):
        statistic_interval(np.empty((0, 2)), lambda means: means)
