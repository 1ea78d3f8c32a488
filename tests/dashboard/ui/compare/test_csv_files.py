"""The numbers behind Compare's charts as CSV."""

import csv
import io

import numpy as np

from core.analysis.concentration import STATISTICS
from dashboard.charts.depth import DepthLine
from dashboard.ui.compare.csv_files import depth_csv, map_csv, matrix_csv, to_csv


def test_the_csv_holds_the_numbers_and_no_formula():
    line = DepthLine(
        "=cmd|A", "#2a8fbd", (0, 2), 4, {"entropy": np.array([-0.5, np.nan])}, {"entropy": np.array([0.1, 0])}
    )
    head, first, second = csv.reader(io.StringIO(depth_csv([line], [STATISTICS["entropy"]], "A")))
    assert head[:2] == ["run", "layer"]
    assert first == ["'=cmd|A", "0", "4", "entropy", "-0.5", "0.1", "A"]
    assert second[4] == ""
    assert to_csv(("@x",), [("+1",), (-1,)]) == "'@x\n'+1\n-1\n"


def test_a_matrix_has_a_row_for_each_pair_of_layers():
    text = matrix_csv((2, 5), (0,), np.array([[0.25], [np.nan]]), "rank")
    assert text.splitlines() == ["layer,other_layer,rank", "2,0,0.25", "5,0,"]


def test_maps_have_a_row_for_each_cell():
    text = map_csv({"A": np.array([[1.0, 2.0]]), "difference": np.array([[-0.5, 0.0]])})
    assert text.splitlines() == ["row,column,A,difference", "0,0,1,-0.5", "0,1,2,0"]
