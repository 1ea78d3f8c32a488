"""Which tokens are most surely background."""

import numpy as np
import pytest

from core.analysis.objects import cells_of
from core.evaluation.benchmark.sinks.probe import SEEDS, TOUCHED, embedded_probe, fit
from core.scenes.scene import EVALUATION_SEEDS


@pytest.fixture
def made():
    """Two pictures of six tokens: the first channel tells what an object touches, the second which picture it is."""
    covered = [np.array([True, False, False, False, True, False])] * 2
    rng = np.random.default_rng(0)
    states = [
        np.column_stack([~each, np.full(6, 5.0 * n), 0.01 * rng.standard_normal(6)]) for n, each in enumerate(covered)
    ]
    return states, covered


def test_background_is_told_and_pictures_are_not_told_apart(made):
    probe = fit(*made)
    assert probe.scores[probe.background].min() > probe.scores[~probe.background].max()
    assert probe.weight[0] > 100 * abs(probe.weight[1])
    assert probe.scores == pytest.approx(np.concatenate(made[0]) @ probe.weight - probe.offset)
    assert probe.scores.mean() == pytest.approx(0, abs=1e-12)


def test_no_share_lets_an_object_become_a_sink(made):
    probe = fit(*made)
    assert probe.threshold(1.0) == probe.scores[~probe.background].max()
    assert (probe.scores > probe.threshold(0.25)).sum() == 3  # of twelve


def test_the_embedded_probe_spares_objects_in_scenes_that_it_has_not_seen(explainer, scenes):
    assert max(SEEDS) < min(EVALUATION_SEEDS)
    probe = embedded_probe()
    found = 0
    for case in scenes:
        scores = probe.of(explainer, case.picture)
        (grid,) = {explainer.explain(case.picture, "?", method="logit_lens", num_samples=1, noise_std=0).grid}
        touched = np.any([cells_of(mask, grid, TOUCHED) for mask in case.scene.masks.values()], axis=0).ravel()
        is_sink = scores > probe.threshold(0.07)
        assert not (is_sink & touched).any()
        found += int(is_sink.sum())
    assert found >= len(scenes) == 3
