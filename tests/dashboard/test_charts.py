import numpy as np
import pytest

from core import METHODS
from core.concentration import HEADLINE, progression
from core.render import COLORMAPS, heatmap
from dashboard.charts import RUN_COLOURS, Curve, depth_figure, heat_figure, plain


def test_every_method_says_what_its_heat_means():
    assert all(method.heat_unit for method in METHODS.values())


def test_the_raw_map_shows_the_very_numbers_with_their_error(ask, explain):
    result = explain(ask().request)
    trace = heat_figure(result, 4, "inferno").data[0]
    assert np.array_equal(trace.z, result.at(4))
    assert np.array_equal(trace.customdata, result.stderr[4])
    assert trace.zmax == pytest.approx(4.1)
    assert heat_figure(result, 4, "inferno", maximum=7.1).data[0].zmax == 7.1


def test_an_unknown_error_is_not_shown(ask, explain):
    trace = heat_figure(explain(ask(num_samples=1).request), 4, "inferno").data[0]
    assert trace.customdata is None and "±" not in trace.hovertemplate


@pytest.mark.parametrize("colormap", COLORMAPS)
def test_the_raw_map_has_the_colours_of_the_overlay(colormap, ask, explain):
    scale = heat_figure(explain(ask().request), 4, colormap).data[0].colorscale
    ends = heatmap(np.array([[0.0, 1.0]], np.float32), (2, 1), colormap)
    assert [scale[0][1], scale[-1][1]] == [f"rgb({r}, {g}, {b})" for r, g, b in ends[0].tolist()]


def test_the_headline_statistics_are_drawn_over_the_layers_of_every_run(ask, explain):
    curves = [
        Curve("A", explain(ask().request), RUN_COLOURS[0]),
        Curve("B", explain(ask(layers=(2, 5)).request), RUN_COLOURS[1]),
    ]
    figure = depth_figure(curves)
    assert len(figure.data) == 2 * len(HEADLINE)
    assert list(figure.data[3].x) == [2, 5]
    assert np.array_equal(figure.data[0].y, progression(curves[0].result.heat)["entropy"])
    assert {trace.line.color for trace in figure.data} == set(RUN_COLOURS[:2])
    assert [trace.showlegend for trace in figure.data] == [True, False, False] * 2


def test_models_of_different_depth_share_a_relative_axis(ask, explain):
    from dataclasses import replace

    deep = replace(explain(ask(layers=(0, 5)).request), total_layers=11)
    figure = depth_figure([Curve("A", explain(ask().request), "red"), Curve("B", deep, "blue")])
    assert list(figure.data[-1].x) == [0, 0.5]
    assert figure.data[0].x[-1] == 1
    assert "relative" in figure.layout.xaxis.title.text


def test_the_thirds_of_the_depth_are_shaded_and_the_layer_on_display_is_marked(ask, explain):
    figure = depth_figure([Curve("A", explain(ask().request), "red")], marked_layer=6)
    shades = [(shape.x0, shape.x1) for shape in figure.layout.shapes if shape.type == "rect"]
    assert shades[:: len(HEADLINE)] == [(-0.5, 1.5), (1.5, 4.5), (4.5, 7.5)]
    assert [shape.x0 for shape in figure.layout.shapes if shape.type == "line"] == [6] * len(HEADLINE)
    assert {word.text for word in figure.layout.annotations} > {"early", "middle", "late"}


def test_peoples_text_is_no_markup_in_a_chart():
    assert plain("<a href='x'>click</a>\n& more") == "&lt;a href='x'&gt;click&lt;/a&gt; &amp; more"
    assert plain("x" * 100, 10) == "x" * 9 + "…"
