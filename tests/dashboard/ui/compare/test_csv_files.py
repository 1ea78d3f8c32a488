"""The numbers behind Compare's charts as CSV."""

import csv
import io

import numpy as np

from core.analysis.concentration import STATISTICS
from dashboard.charts.depth import DepthLine
from dashboard.ui.compare.csv_files import depth_csv, to_csv


def test_the_csv_holds_the_numbers_and_no_formula():
    line = DepthLine(
        "=cmd|A", "#2a8fbd", (0, 2), 4, {"entropy": np.array([-0.5, np.nan])}, {"entropy": np.array([0.1, 0])}
    )
    head, first, second = csv.reader(io.StringIO(depth_csv([line], [STATISTICS["entropy"]], "A")))
    assert head[:2] == ["run", "layer"]
    assert first == ["'=cmd|A", "0", "4", "entropy", "-0.5", "0.1", "A"]
    assert second[4] == ""
    assert to_csv(("@x",), [("+1",), (-1,)]) == "'@x\n'+1\n-1\n"
