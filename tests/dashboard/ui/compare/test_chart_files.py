"""Charts as pages that need no network, and the numbers behind them as CSV."""

import csv
import io

import numpy as np

from core.analysis.concentration import STATISTICS
from dashboard.charts.depth import DepthLine, depth_figure
from dashboard.ui.compare.chart_files import chart_html, chart_page, depth_csv, map_csv, matrix_csv


def test_a_chart_is_a_page_that_needs_no_network():
    label = "</script><script>alert(1)</script>"
    line = DepthLine(label, "#2a8fbd", (0, 1), 2, {"entropy": np.array([0.5, 0.6])})
    page = chart_page(depth_figure([line], statistics=[STATISTICS["entropy"]]), "depth")
    assert label not in page and "Plotly.newPlot" in page
    assert "<script src=" not in page and "sendChartToCloud" in page


def test_a_chart_within_a_page_brings_no_plotly_of_its_own():
    line = DepthLine("A", "#2a8fbd", (0, 1), 2, {"entropy": np.array([0.5, 0.6])})
    figure = depth_figure([line], statistics=[STATISTICS["entropy"]])
    element = chart_html(figure)
    assert "<html" not in element and "Plotly.newPlot" in element and len(element) < 100_000
    assert "<html" in chart_html(figure, is_page=True)


def test_the_csv_holds_the_numbers_and_no_formula():
    line = DepthLine(
        "=cmd|A", "#2a8fbd", (0, 2), 4, {"entropy": np.array([-0.5, np.nan])}, {"entropy": np.array([0.1, 0])}
    )
    head, first, second = csv.reader(io.StringIO(depth_csv([line], [STATISTICS["entropy"]], "A")))
    assert head[:2] == ["run", "layer"]
    assert first == ["'=cmd|A", "0", "4", "entropy", "-0.5", "0.1", "A"]
    assert second[4] == ""


def test_a_matrix_has_a_row_for_each_pair_of_layers():
    text = matrix_csv((2, 5), (0,), np.array([[0.25], [np.nan]]), "rank")
    assert text.splitlines() == ["layer,other_layer,rank", "2,0,0.25", "5,0,"]


def test_maps_have_a_row_for_each_cell():
    text = map_csv({"A": np.array([[1.0, 2.0]]), "difference": np.array([[-0.5, 0.0]])})
    assert text.splitlines() == ["row,column,A,difference", "0,0,1,-0.5", "0,1,2,0"]
