"""How true a model's maps are, as a figure and tables."""

import pytest

from dashboard.charts.benchmark import MEASURES, benchmark_figure, benchmark_table, chosen_rows, removal_table
from tests.dashboard.jobs.studies.test_benchmark import LAYERS, make_evidence


def test_the_figure_has_a_line_a_method_and_intervals_on_hover():
    told = make_evidence()["short"]
    rows = chosen_rows(told, "", "pointing")
    figure = benchmark_figure(rows, "pointing", LAYERS, "decoder", "gradient_deviation", 5, told["chance"])
    lines = {trace.name: trace for trace in figure.data if trace.name}
    assert tuple(lines["Gradient deviation"].y) == (0.5,) * LAYERS
    assert list(lines["Gradient deviation"].customdata[3]) == [0.0, 1.0]
    assert lines["Combined map"].line.dash == "dash" and tuple(lines["Combined map"].y) == (1.0,) * LAYERS
    assert lines["Gradient deviation"].line.width > lines["Combined map"].line.width
    assert len(figure.data) == len(rows) + 1  # and the band of the one on display
    seen = [line.line.color for line in lines.values() if line.visible is True]
    assert len(seen) == len(set(seen)) == 4
    assert {shape.x0 for shape in figure.layout.shapes} == {0, 5}
    assert figure.layout.shapes[0].y0 == pytest.approx(0.07)


def test_tables_put_the_best_first():
    told = make_evidence()["short"]
    table = benchmark_table(told, "color", 3, "decoder")
    assert table["Method"][:2] == ["Combined map", "Gradient deviation"] and table["Map"][:2] == [
        "one in all",
        "layer 3",
    ]
    assert set(table) == {"Method", "Map", *(title for title, _ in MEASURES.values())}
    removal = removal_table(told)
    assert removal["Order of removal"] == ["Combined map", "Grad-CAM (as in the original)", "random"]
    # (0.85 - 0.15) - (0.7 - 0.7)
    assert removal["both"][2].startswith("0.700 (") and removal["both"][0] == ""
    assert removal["Combined map ahead: deletion"][2].startswith("0.550 (")
