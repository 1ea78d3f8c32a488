"""Settings of a run: how far it is, and what learning rate that makes."""

import pytest

from core.embedded.training.recipe import Recipe, rate


def test_the_learning_rate_rises_stays_and_falls():
    recipe = Recipe(warmup=100)
    assert rate(0, 0.0, recipe) == pytest.approx(0.01)
    assert rate(100, 0.1, recipe) == rate(499, 0.49, recipe) == 1.0
    assert rate(750, 0.75, recipe) == pytest.approx(0.5)
    assert rate(1000, 1.0, recipe) == pytest.approx(0.0)


def test_a_run_ends_by_steps_or_by_the_clock():
    recipe = Recipe(minutes=10, steps=1000)
    assert recipe.progress(0, 0.0) == 0
    assert recipe.progress(500, 60.0) == 0.5
    assert recipe.progress(100, 450.0) == 0.75
    assert recipe.progress(1000, 1.0) == recipe.progress(1, 700.0) == 1
