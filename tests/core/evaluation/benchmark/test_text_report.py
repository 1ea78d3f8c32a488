"""Figures of a summary as a table and as CSV."""

import numpy as np

from core.evaluation.benchmark.metrics import METRICS
from core.evaluation.benchmark.runner import Measured
from core.evaluation.benchmark.summary import summary
from core.evaluation.benchmark.text_report import text, to_csv
from tests.core.evaluation.benchmark.measured import scored


def test_every_figure_is_printed_or_written():
    kinds = ["where", "color"]
    found = Measured(
        total_layers=2,
        kinds=kinds,
        scenes=[0, 1],
        chance=[0.1, 0.3],
        values={
            "combined": [(0, scored(0)), (1, scored(1))],
            "gradcam": [(0, np.tile(scored(0.25), (2, 1))), (1, np.tile(scored(0.75), (2, 1)))],
        },
    )
    told = summary(found)
    printed, first = text(told).splitlines(), "gradcam                  pointing    0.500  0.500"
    assert printed[printed.index(first) + 1].split() == ["±0.250"] * 2
    assert "combined                 energy      0.500   (0.000 to 1.000)" in printed
    by_kind = [line.split() for line in printed if line.startswith("gradcam                  color")]
    assert by_kind == [["gradcam", "color", "1", *(["0.750", "(0.750", "to", "0.750)"] * 3)]]
    head, *lines = (line.split(",") for line in to_csv(told).splitlines())
    assert head == ["method", "layer", "kind", "metric", "mean", "low", "high", "cases"]
    assert len(lines) == (1 + 2) * (1 + len(kinds)) * len(METRICS)  # maps x kinds, and all of them x metrics
    assert ["gradcam", "1", "color", "auc", "0.75", "0.75", "0.75", "1"] in lines
    assert ["combined", "", "all", "pointing", "0.5", "0.0", "1.0", "2"] in lines
