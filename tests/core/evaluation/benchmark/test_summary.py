"""Means and intervals of a few measurements, by hand."""

import json

import numpy as np
import pytest

from core.evaluation.benchmark.runner import Measured
from core.evaluation.benchmark.summary import summary
from core.evaluation.benchmark.text_report import to_csv
from tests.core.evaluation.benchmark.measured import scored


def test_a_summary_by_hand():
    found = Measured(
        total_layers=2,
        kinds=["where", "color"],
        scenes=[0, 1],
        chance=[0.1, 0.3],
        values={"combined": [(0, scored(0)), (1, scored(1))]},
        removal={"combined": [(0, 0.1, 0.9)], "random": [(0, 0.5, 0.6)]},
        silence={
            "combined": [("describe_en", np.array([[0.6, 3, 0.9, 1]])), ("describe_zh", np.array([[0.6, 1, 0.7, 1]]))]
        },
    )
    told = summary(found)
    assert told["chance"] == pytest.approx(0.2) and told["kinds"] == {"where": 1, "color": 1}
    assert told["methods"]["combined"]["pointing"]["mean"] == [0.5]
    assert told["methods"]["combined"]["by_kind"]["color"]["pointing"]["mean"] == [1.0]
    # (0.9 - 0.1) - (0.6 - 0.5)
    ahead = told["removal"]["random"]
    assert ahead["combined_is_better_by"]["mean"] == pytest.approx(0.7)
    assert ahead["combined_deletes_better_by"]["mean"] == pytest.approx(0.4)
    assert ahead["combined_inserts_better_by"]["mean"] == pytest.approx(0.3)
    assert "random,,all,combined_deletes_better_by,0.4,0.4,0.4,1" in to_csv(told).splitlines()
    # Four names with 1.2 in all, and two other words with 1.6: 0.3 and 0.8, and 2 * 0.3 * 0.8 / 1.1.
    words = told["silence"]["combined"]
    assert (words["obj"]["mean"], words["func"]["mean"]) == ([0.3], [0.8])
    assert words["f1"]["mean"] == [pytest.approx(0.4364, abs=1e-4)]
    assert words["f1"]["low"][0] < 0.4364 < words["f1"]["high"][0]
    assert words["by_kind"]["describe_zh"]["f1"]["mean"] == [pytest.approx(2 * 0.6 * 0.7 / 1.3, abs=1e-4)]
    assert json.loads(json.dumps(told)) == told


def test_phrases_of_one_scene_count_each_and_are_drawn_together():
    """Three right phrases of one description and a wrong one of another: 0.75, and as unsure as two scenes are."""
    found = Measured(
        total_layers=1,
        kinds=["describe_en"] * 4,
        scenes=[0, 0, 0, 1],
        chance=[0.1] * 4,
        values={"combined": list(enumerate(map(scored, [1, 1, 1, 0])))},
    )
    pointing = summary(found)["methods"]["combined"]["pointing"]
    assert pointing == {"mean": [0.75], "low": [0.0], "high": [1.0]}
