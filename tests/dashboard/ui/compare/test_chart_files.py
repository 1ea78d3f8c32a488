"""Charts as pages that need no network."""

import numpy as np

from core.analysis.concentration import STATISTICS
from dashboard.charts.depth import DepthLine, depth_figure
from dashboard.ui.compare.chart_files import chart_html, chart_page


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
