"""The share of a video's heat in each step, and how well it is known."""

import numpy as np
import pytest

from core.schema.time_steps import TimeStep
from dashboard.ui.drawing.maps import ShownMap
from dashboard.ui.drawing.time_shares import time_shares, usual_step
from tests.cache.samples import make_request, make_result


def shown(heat: np.ndarray, errors: np.ndarray | None = None, samples: int = 10) -> ShownMap:
    """A map of one layer with that heat and those standard errors, [steps, rows, columns]."""
    request = make_request(
        layers=(0,), frames=2 * len(heat), num_samples=samples, noise_std=0.0 if errors is None else 0.1
    )
    squares = np.zeros_like(heat) if errors is None else errors**2 * (samples * (samples - 1))
    steps = tuple(TimeStep(float(step), step + 1.0) for step in range(len(heat)))
    arrays = {"heat": heat[None].astype(np.float32), "squared_deviation": squares[None].astype(np.float32)}
    return ShownMap(request.method, 0, make_result(request, steps=steps, **arrays))


def test_shares_are_of_all_heat():
    found = time_shares(shown(np.array([[[1.0, 2.0]], [[3.0, 0.0]], [[2.0, 2.0]]])))
    assert found.shares == pytest.approx([0.3, 0.3, 0.4]) and found.errors is None


def test_errors_are_those_of_heat_that_scatters_so():
    rng = np.random.default_rng(0)
    heat, errors = 1 + rng.random((3, 2, 4)), 0.05 * rng.random((3, 2, 4))
    drawn = (heat + errors * rng.standard_normal((20_000, 3, 2, 4))).sum((2, 3))
    scatter = (drawn / drawn.sum(1, keepdims=True)).std(0)
    assert time_shares(shown(heat, errors)).errors == pytest.approx(scatter, rel=0.03)


def test_a_blank_map_has_no_shares():
    found = time_shares(shown(np.zeros((2, 1, 3))))
    assert found.shares.tolist() == [0, 0] and found.errors is None


def test_the_hottest_step_is_shown_first():
    heat = np.ones((4, 2, 2))
    heat[2] = 5
    assert usual_step(shown(heat)) == 2
    request = make_request(layers=(0,))
    picture = ShownMap(request.method, 0, make_result(request))
    assert usual_step(picture) == 0 and time_shares(picture) is None
