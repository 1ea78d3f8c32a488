"""Maps of the embedded model against the known pixels of held-out scenes."""

import numpy as np
import pytest

from tests.benchmarks.localisation import auc, cells_of, energy, measure, pointing, scenes

SCENES = 30


@pytest.fixture(scope="module")
def cases(explainer):
    return list(scenes(explainer, SCENES))


@pytest.fixture(scope="module")
def default(explainer, cases):
    return measure(explainer, "gradient_norm", cases, num_samples=1, noise_std=0.0)


def test_measures_by_hand():
    mask = np.zeros((6, 9), bool)
    mask[:3, :3] = True  # the upper left cell of a 2 x 3 grid
    cells = cells_of(mask, (2, 3))
    assert cells.tolist() == [[True, False, False], [False, False, False]]
    heat = np.array([[3.0, 1.0, 0.0], [4.0, 0.0, 0.0]])
    assert not pointing(heat, cells)
    assert energy(heat, cells) == 3 / 8
    assert auc(heat, cells) == 4 / 5
    assert energy(np.zeros((2, 3)), cells) == 0 and auc(np.zeros((2, 3)), cells) == 0.5


def test_the_default_map_points_at_what_the_answer_speaks_of(default):
    """Far above chance at every depth: thirty scenes leave about +-0.08 around each figure."""
    assert default["chance"].max() < 0.15
    assert default["pointing"][:6].mean() > 0.75
    assert default["auc"][:6].min() > 0.85


def test_the_originals_average_over_tokens_does_not(explainer, cases, default):
    original = measure(explainer, "gradcam", cases, num_samples=1, noise_std=0.0)
    assert original["pointing"].mean() < default["pointing"].mean() / 2
