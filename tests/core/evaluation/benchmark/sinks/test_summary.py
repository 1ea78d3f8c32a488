"""What was measured with sinks, as plain values and tables."""

import json

import numpy as np
import pytest

from core.evaluation.benchmark.metrics import METRICS
from core.evaluation.benchmark.sinks.measured import FORMER, Shares, StrengthMeasured
from core.evaluation.benchmark.sinks.summary import at_middle, summary, table, text, title_of


@pytest.fixture
def told():
    def measured(pointing):
        one, layers = np.zeros((1, len(METRICS))), np.zeros((4, len(METRICS)))
        one[0, :3], layers[:, 0] = (pointing, 0.5, 0.75), (0.1, 0.2, pointing, 0.4)
        values = {"attention": [layers, layers], FORMER: [one, one], "combined": [one, one]}
        return StrengthMeasured(values, [True, pointing == 1], [Shares(0.6, 0.3, 0.0), Shares(0.8, 0.5, 0.2)])

    return summary({"plain": measured(1.0), "strong": measured(0.5)})


def test_means_are_over_scenes(told):
    strong = told["strengths"]["strong"]
    assert (strong["scenes"], strong["same_answers"], strong["of_picture"], strong["in_prompt"]) == (2, 1, 0.7, 0.1)
    assert strong["methods"]["combined"]["pointing"] == {"mean": [0.5], "low": [0.5], "high": [0.5]}
    assert strong["methods"]["attention"]["pointing"]["mean"] == [0.1, 0.2, 0.5, 0.4]
    assert json.loads(json.dumps(told)) == told


def test_tables_show_half_the_depth_and_the_former_map_beside_the_present_one(told):
    assert table(told, "pointing") == {"combined": [1.0, 0.5], FORMER: [1.0, 0.5], "attention": [1.0, 0.5]}
    assert list(table(told, "auc")) == ["combined", FORMER, "attention"]
    assert at_middle([3.0]) == 3.0 and at_middle([0.0, 1.0, 2.0, 3.0]) == 2.0
    assert title_of(FORMER) == "Combined map, first formula" and title_of("attention") == "Attention"
    lines = text(told).splitlines()
    assert lines[0].startswith("Sinks implanted") and "2 scenes" in lines[0]
    assert [line.split()[-2:] for line in lines if line.startswith("answers")] == [["2", "1"]]
    assert [line.split() for line in lines if line.startswith("attention ")][0] == ["attention", "1.000", "0.500"]
