"""Early, middle and late on the page."""

import pytest

from core.analysis.stages import stage_means
from tests.dashboard.pages import sentences


def test_stages_are_the_mean_of_each_third(explain, ask, visit, stored):
    means = stage_means(explain(ask(layers=(0, 1, 4)).request))
    assert {stage: layers for stage, (layers, _) in means.items()} == {"early": (0, 1), "middle": (4,)}
    # Each layer over its own maximum: 1 at the right, 0.1 / 1.1 of layer 1 and 1 of layer 0 (all even) at the left.
    assert means["early"][1][0] == pytest.approx([(1 + 0.1 / 1.1) / 2] * 2 + [1])
    app = visit("compare", runs=stored(), show="Stages")
    assert "same maximum before the mean" in sentences(app)
