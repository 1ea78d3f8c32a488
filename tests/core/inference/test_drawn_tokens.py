"""Tokens drawn by chance, against a slow reference and by how often they come."""

import math
from functools import cache

import numpy as np
import pytest
import torch

from core.inference.drawn_tokens import DrawnTokens, chance, draw
from core.schema.drawn_answers import TokenSampling
from tests.some import some

LOGITS = [2.0, -1.0, 0.5, 2.0, -30.0, 1.0]


@cache
def numbers_of_seeds():
    return [chance(seed, 0) for seed in range(2_000)]


def slow_probabilities(logits, temperature, top_p):
    """What each token is drawn with: the definition, token by token, in Python's floats."""
    weights = [math.exp((each - max(logits)) / temperature) for each in logits]
    whole = [weight / sum(weights) for weight in weights]
    order, kept, held = sorted(range(len(whole)), key=lambda token: (-whole[token], token)), [], 0.0
    while held < top_p and len(kept) < len(order):  # the fewest of the likeliest that reach top-p together
        kept.append(order[len(kept)])
        held += whole[kept[-1]]
    return order, [whole[token] / held if token in kept else 0.0 for token in range(len(whole))]


def slow_draw(logits, temperature, top_p, number):
    order, probabilities = slow_probabilities(logits, temperature, top_p)
    passed = 0.0
    for token in order:
        passed += probabilities[token]
        if passed > number:
            return token
    return max(token for token in order if probabilities[token])


@pytest.mark.parametrize("temperature", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("top_p", [1.0, 0.9, 0.5, 0.01])
def test_each_number_draws_the_token_of_the_slow_reference(temperature, top_p):
    numbers = [0.0, *np.random.default_rng(0).random(200)]
    logits = torch.tensor([LOGITS])
    for number in some(numbers):
        drawn = draw(logits, TokenSampling(temperature, top_p), number)
        assert drawn.tolist() == [slow_draw(LOGITS, temperature, top_p, number)]
    kept = sum(probability > 0 for probability in slow_probabilities(LOGITS, temperature, top_p)[1])
    likeliest = logits[0].argsort(descending=True).tolist()[:kept]
    assert int(draw(logits, TokenSampling(temperature, top_p), 1 - 2**-53)) in likeliest


@pytest.mark.parametrize(("temperature", "top_p"), [(1.0, 1.0), (2.0, 1.0), (0.7, 1.0), (1.0, 0.8), (1.5, 0.6)])
def test_tokens_come_as_often_as_they_are_likely(temperature, top_p):
    """Pearson's chi-square of 2,000 draws with fixed seeds, against its 99.9th percentile.

    It is one look at fixed numbers: it passes or fails for ever. A wrong temperature or top-p gives hundreds.
    """
    logits = [*LOGITS[:3], 1.2, *LOGITS[4:]]  # without equals, whose shares no temperature changes
    rows, numbers = torch.tensor([logits]), numbers_of_seeds()
    draws = len(numbers)
    _, expected = slow_probabilities(logits, temperature, top_p)
    drawn = [int(draw(rows, TokenSampling(temperature, top_p), number)) for number in numbers]
    counts = np.bincount(drawn, minlength=len(LOGITS))
    wanted = draws * np.array(expected)
    likely = wanted >= 5  # where the approximation by chi-square holds
    assert counts[~likely].sum() <= max(5, 4 * wanted[~likely].sum())
    statistic = ((counts - wanted)[likely] ** 2 / wanted[likely]).sum()
    assert statistic < {1: 10.8, 2: 13.8, 3: 16.3, 4: 18.5, 5: 20.5}[likely.sum() - 1]
    _, other = slow_probabilities(logits, temperature * 1.5, top_p)
    elsewhere = draws * np.array(other)
    assert ((counts - elsewhere)[likely] ** 2 / elsewhere[likely]).sum() > statistic + 10  # it would be noticed


def test_numbers_of_seeds_and_steps_are_spread_evenly_and_follow_from_them_alone():
    table = np.array([[chance(seed, step) for step in range(30)] for seed in range(30)])
    assert (table >= 0).all() and (table < 1).all() and len(np.unique(table)) == table.size
    counts = np.bincount((table.ravel() * 10).astype(int), minlength=10)
    assert ((counts - 90) ** 2 / 90).sum() < 27.9  # chi-square of 9 degrees of freedom, 99.9th percentile
    assert np.abs(np.corrcoef(table)[np.triu_indices(30, 1)]).mean() < 0.25  # seeds next to each other are strangers
    assert chance(3, 7) == table[3, 7] and chance(2**63 - 1, 0) == chance(2**63 - 1, 0)


def test_a_low_temperature_takes_the_likeliest_and_the_first_of_equals():
    logits = torch.tensor([[1.0, 5.0, 5.0, 4.0], [-1e30, 0.0, -3e38, -1.0]])
    for number in some([0.0, 0.3]):
        assert draw(logits, TokenSampling(0.01), number).tolist() == [1, 1]
    assert draw(logits, TokenSampling(0.01), 0.9).tolist() == [2, 1]
    assert draw(logits, TokenSampling(10.0, 1e-9), 0.999).tolist() == [1, 1]  # the smallest nucleus is one token


def test_logits_that_are_no_numbers_draw_some_token():
    """What is wrong with such a model is said elsewhere; nothing is indexed beyond the vocabulary."""
    broken = torch.tensor([[float("nan")] * 3, [float("inf"), 0.0, 0.0], [float("-inf")] * 3])
    assert ((found := draw(broken, TokenSampling(1.0, 0.5), 0.5)) >= 0).all() and (found < 3).all()


def test_of_each_steps_logits_the_drawn_token_is_left():
    sampling = TokenSampling(1.0, 0.9, seed=4)
    rows = torch.randn(3, 50, generator=torch.Generator().manual_seed(0)).half()
    processor = DrawnTokens(sampling)
    for step in some(range(3)):
        left = processor(torch.zeros(3, 1, dtype=torch.long), rows)
        assert left.dtype == rows.dtype and (left.isfinite().sum(1) == 1).all()
        assert left.argmax(1).tolist() == draw(rows, sampling, chance(4, step)).tolist()
