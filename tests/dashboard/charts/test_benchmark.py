"""How true a model's maps are, as a figure and tables."""

import pytest

from dashboard.charts.benchmark import MEASURES, benchmark_figure, benchmark_table, chosen_rows, removal_table
from dashboard.language import speaking
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


def test_figure_and_tables_are_in_the_language_of_whoever_looks():
    told = make_evidence()["short"]
    with speaking("zh_Hans"):
        rows = chosen_rows(told, "", "energy")
        figure = benchmark_figure(rows, "energy", LAYERS, "tower", "gradient_deviation", 5, told["chance"])
        table, removal = benchmark_table(told, "", 3, "decoder", "gradient_deviation"), removal_table(told)
    assert figure.layout.yaxis.title.text == "能量：落在物体上的热度比例"
    hovers = {trace.hovertemplate for trace in figure.data if trace.hovertemplate}
    place = "%{y:.3f}，95 % 区间 %{customdata[0]:.3f} 至 %{customdata[1]:.3f}"
    assert hovers == {f"第 %{{x}} 块：{place}", f"单张热力图：{place}"}
    assert table["热力图"][:2] == ["总共一张", "第 3 层"] and table["方法"][1].endswith("（当前显示）")
    assert removal["移除顺序"][2] == "随机" and removal["两者"][2].startswith("0.700（")
