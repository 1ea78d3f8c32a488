from dataclasses import replace

import numpy as np
import pytest

from core import Answer, ExplainRequest, ExplainResult
from core.engine.early_stopping import FEWEST, agreement, is_settled
from core.heatmap import rank_correlation


def result(spread, count=10, layers=(0,), noise=0.15):
    """Heat that rises from cell to cell by 1, whose samples scatter by `spread` about it."""
    request = ExplainRequest(
        image="ab" * 16, prompt="Where?", model="m", layers=layers, num_samples=30, noise_std=noise
    )
    heat = np.tile(np.arange(48, dtype=np.float32).reshape(6, 8), (len(layers), 1, 1))
    deviation = np.float32(spread) ** 2 * count * np.ones_like(heat)
    return ExplainResult(request, Answer("here", ()), heat, deviation, count, 8, {})


def test_without_any_error_a_repeat_agrees_altogether():
    mean = np.arange(12.0).reshape(3, 4)
    assert agreement(mean, np.zeros_like(mean)) == pytest.approx(1.0)


def test_a_map_of_noise_alone_agrees_with_nothing():
    assert abs(agreement(np.zeros((20, 20)) + np.arange(400).reshape(20, 20) * 1e-9, np.ones((20, 20)))) < 0.1
    assert agreement(np.ones((3, 3)), np.zeros((3, 3))) == 0  # it has no order


@pytest.mark.parametrize("samples", [4, 16, 64])
def test_what_is_expected_is_what_repeats_show(samples):
    """The slow way: two whole sets of samples, their means compared, many times over."""
    generator = np.random.default_rng(3)
    truth = generator.normal(size=(12, 12))

    def mean_and_error():
        drawn = truth + 2 * generator.normal(size=(samples, 12, 12))
        return drawn.mean(0), drawn.std(0, ddof=1) / np.sqrt(samples)

    pairs = [(mean_and_error(), mean_and_error()) for _ in range(40)]
    shown = np.mean([rank_correlation(one[0], other[0]) for one, other in pairs])
    # The mean is taken for the truth, which it is not: with much noise that promises too much.
    expected = np.mean([agreement(*one) for one, _ in pairs])
    assert shown - 0.03 < expected < shown + 0.35 * (1 - shown) + 0.05


def test_a_run_is_settled_when_its_error_is_small_beside_its_steps():
    assert is_settled([result(spread=0.5)])
    assert not is_settled([result(spread=30.0)])


def test_more_samples_settle_what_few_do_not():
    assert [is_settled([result(spread=6.0, count=count)]) for count in (4, 400)] == [False, True]


def test_nothing_is_said_of_too_few_samples_or_of_none():
    assert not is_settled([])
    assert not is_settled([result(spread=0.0, count=FEWEST - 1)])


def test_without_noise_one_sample_is_all_there_is():
    assert is_settled([result(spread=0.0, count=1, noise=0.0)])


def test_half_of_the_layers_count_and_each_method_for_itself():
    steady, shaky = result(0.1, layers=(0, 1, 2)), result(30.0, layers=(0, 1, 2))
    mixed = replace(steady, squared_deviation=np.stack([shaky.squared_deviation[0], *steady.squared_deviation[1:]]))
    assert is_settled([mixed])
    assert not is_settled([mixed, shaky])
