"""Reliability of sampled maps: figures by hand, and the formulas against simulated samples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.trust.reliability import relative_error, samples_needed, spearman_brown, split_half


def test_split_half_compares_map_by_map():
    first = np.array([[[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 0.0]]])
    second = np.array([[[10.0, 20.0], [30.0, 31.0]], [[4.0, 3.0], [2.0, 1.0]], [[1.0, 2.0], [3.0, 4.0]]])
    assert split_half(first, second) == pytest.approx([1, -1, 0])
    assert split_half(first[:0], second[:0]).shape == (0,)


def test_spearman_brown_by_hand():
    assert spearman_brown(0.5) == pytest.approx(2 / 3) and spearman_brown(1) == 1
    assert spearman_brown([0.0, -0.3, -1.0, 0.6]) == pytest.approx([0, 0, 0, 0.75])


def test_samples_needed_by_hand():
    assert samples_needed(0.5, 8, wanted=2 / 3) == 8  # what they have already
    assert samples_needed(0.5, 8, wanted=0.95) == 76  # 4 * 0.95 * 0.5 / (0.5 * 0.05)
    assert samples_needed(0.6, 10, wanted=0.9) == 30  # 5 * 0.9 * 0.4 / (0.6 * 0.1)
    assert samples_needed([1.0, 0.0, -0.2], 10).tolist() == [1, np.inf, np.inf]


@given(st.floats(0.01, 0.99), st.integers(2, 200))
def test_as_many_samples_as_there_are_give_the_reliability_they_have(r, samples):
    assert samples_needed(r, samples, wanted=float(spearman_brown(r))) == samples


@given(st.floats(0.01, 0.98), st.floats(0.5, 0.99))
def test_better_agreement_needs_fewer_samples_and_more_reliability_more(r, wanted):
    assert samples_needed(r + 0.01, 20, wanted) <= samples_needed(r, 20, wanted)
    assert samples_needed(r, 20, min(wanted + 0.005, 0.999)) >= samples_needed(r, 20, wanted)


def test_the_prophecy_comes_true():
    """A map of 20,000 cells; each sample is the truth plus noise of three times its spread."""
    random = np.random.default_rng(0)
    truth = random.normal(size=(1, 200, 100))

    def mean_of(samples):
        return truth + random.normal(0, 3 / np.sqrt(samples), truth.shape)

    half = split_half(mean_of(5), mean_of(5))
    assert spearman_brown(half) == pytest.approx(split_half(mean_of(10), mean_of(10)), abs=0.02)
    needed = samples_needed(half, 10, wanted=0.9)[0]
    assert needed == pytest.approx(81, rel=0.1)  # 9 * 0.9 / 0.1: noise variance 9 per sample
    assert split_half(mean_of(needed), mean_of(needed)) == pytest.approx(0.9, abs=0.02)


def test_relative_error_by_hand():
    heat = np.array([[[0.0, 10.0], [5.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]])
    stderr = np.array([[[0.1, 0.8], [0.3, 0.2]], [[0.0, 0.0], [0.0, 0.0]]])
    assert relative_error(stderr, heat) == pytest.approx([0.025, 0])  # the median is 0.25
    assert relative_error(stderr[0], heat[0]) == pytest.approx(0.025)
    assert relative_error(7 * stderr[0], 7 * heat[0]) == pytest.approx(0.025)


def test_an_unknown_error_stays_unknown():
    heat = np.ones((2, 2, 2))
    assert np.isnan(relative_error(np.full((2, 2, 2), np.nan), heat)).all()  # of a single sample
    assert np.isnan(relative_error(heat, np.full((2, 2, 2), np.nan))).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: split_half(np.ones((1, 2, 3)), np.ones((2, 2, 3))), "belong together"),
        (lambda: samples_needed(0.5, 10, wanted=1), "0.95"),
        (lambda: relative_error(np.ones((2, 3)), np.ones((3, 2))), "one map"),
    ],
)
def test_what_cannot_be_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()
