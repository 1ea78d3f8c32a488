"""Charts over depth."""

from dataclasses import replace

import numpy as np
import pytest

from core.analysis.concentration import HEADLINE, STATISTICS, progression
from dashboard.charts.base import RUN_COLOURS
from dashboard.charts.depth import DepthLine, depth_figure, quartiles
from dashboard.language import speaking


def test_the_headline_statistics_are_drawn_over_the_layers_of_every_run(ask, explain):
    curves = [
        DepthLine.of("A", explain(ask().request), RUN_COLOURS[0]),
        DepthLine.of("B", explain(ask(layers=(2, 5)).request), RUN_COLOURS[1]),
    ]
    figure = depth_figure(curves)
    assert len(figure.data) == 2 * len(HEADLINE)
    assert list(figure.data[3].x) == [2, 5]
    assert np.array_equal(figure.data[0].y, progression(explain(ask().request).heat)["entropy"])
    assert {trace.line.color for trace in figure.data} == set(RUN_COLOURS[:2])
    assert [trace.showlegend for trace in figure.data] == [True, False, False] * 2


def test_models_of_different_depth_share_a_relative_axis(ask, explain):
    deep = replace(explain(ask(layers=(0, 5)).request), total_layers=11)
    figure = depth_figure([DepthLine.of("A", explain(ask().request), "red"), DepthLine.of("B", deep, "blue")])
    assert list(figure.data[-1].x) == [0, 0.5]
    assert figure.data[0].x[-1] == 1
    assert "relative" in figure.layout.xaxis.title.text


def test_the_thirds_of_the_depth_are_shaded_and_the_layer_on_display_is_marked(ask, explain):
    figure = depth_figure([DepthLine.of("A", explain(ask().request), "red")], marked_layer=6)
    shades = [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"]
    assert shades[:: len(HEADLINE)] == [(-0.5, 1.5), (1.5, 4.5), (4.5, 7.5)]
    assert [shape.x0 for shape in figure.layout.shapes if shape.type == "line"] == [6] * len(HEADLINE)
    assert {word.text for word in figure.layout.annotations} > {"early", "middle", "late"}


def line(label, *values, error=None, layers=None, total=4):
    heights = np.array(values, float)
    errors = {} if error is None else {"entropy": np.full(len(values), error)}
    return DepthLine(label, "#2a8fbd", layers or tuple(range(len(values))), total, {"entropy": heights}, errors)


ENTROPY = [STATISTICS["entropy"]]


def test_a_band_is_one_standard_error_wide_and_only_where_that_is_known():
    figure = depth_figure([line("A", 0.5, 0.6, error=0.1)], statistics=ENTROPY, with_errors=True)
    band, main = figure.data
    assert band.y == pytest.approx([0.6, 0.7, 0.5, 0.4]) and list(main.y) == [0.5, 0.6]
    assert main.customdata[0] == [0, " ± 0.1"]
    for error in (np.nan, 0.0, None):
        assert len(depth_figure([line("A", 0.5, 0.6, error=error)], statistics=ENTROPY, with_errors=True).data) == 1


def test_median_and_quartiles_are_of_the_runs_that_reach_there():
    lines = [line("A", 0, 0, 0), line("B", 4, 4, 4), line("C", 8, 8, layers=(1, 2))]
    where, found = quartiles(lines, "entropy", relative=False)
    assert where.tolist() == [0, 1, 2]
    assert found.tolist() == [[1, 2, 2], [2, 4, 4], [3, 6, 6]]
    figure = depth_figure(lines, statistics=ENTROPY, with_median=True)
    assert [trace.name for trace in figure.data][-1] == "median and quartiles of 3 runs"


def test_the_difference_from_a_run_is_taken_where_both_hold_a_layer():
    less = line("B", 0.5, 0.9, 0.7, layers=(0, 1, 3), error=0.3).less(line("A", 0.4, 0.4, layers=(1, 3), error=0.4))
    assert less.layers == (1, 3) and less.values["entropy"] == pytest.approx([0.5, 0.3])
    assert less.errors["entropy"] == pytest.approx([0.5, 0.5])
    figure = depth_figure([less], statistics=ENTROPY, base="A")
    assert figure.layout.yaxis.title.text == "difference from A"


def test_all_statistics_have_a_panel_with_a_titled_axis():
    values = progression(np.random.default_rng(0).random((4, 5, 6)))
    figure = depth_figure([DepthLine("A", "#2a8fbd", (0, 1, 2, 3), 4, values)], 2, list(STATISTICS.values()))
    assert [trace.xaxis for trace in figure.data] == ["x", *(f"x{number}" for number in range(2, 13))]
    assert figure.layout.yaxis12.title.text == STATISTICS["peak_y"].axis
    assert figure.layout.xaxis12.title.text == "decoder layer" and figure.layout.xaxis.title.text is None


def test_the_axis_of_depth_says_what_it_counts(tower_run, ask, explain):
    tower = DepthLine.of("A", tower_run.result, "#2a8fbd")
    decoder = DepthLine.of("B", explain(ask().request), "#e08a1e")
    figure = depth_figure([tower])
    assert figure.layout.xaxis.title.text == "vision tower block"
    assert figure.data[0].hovertemplate.startswith("block ")
    both = depth_figure([tower, replace(decoder, total=4, layers=(0, 1, 2, 3))])
    assert both.layout.xaxis.title.text.startswith("relative depth")


def test_a_chart_is_in_the_language_of_whoever_draws_it():
    lines = [line("A", 0.5, 0.6, error=0.1), line("B", 0.4, 0.3)]
    with speaking("zh_Hans"):
        figure = depth_figure(lines, statistics=ENTROPY, with_errors=True, with_median=True, base="C")
    assert {each.text for each in figure.layout.annotations} >= {"前段", "中段", "后段"}
    assert figure.layout.yaxis.title.text == "与 C 之差"
    assert figure.data[0].hovertemplate == "第 %{customdata[0]} 层：%{y:.4g}%{customdata[1]}<extra>A</extra>"
    assert figure.data[-1].name == "2 条运行记录的中位数和四分位数"
    assert "中位数 %{y:.4g}，四分位数 %{customdata[0]:.4g} 至 %{customdata[1]:.4g}" in figure.data[-1].hovertemplate
