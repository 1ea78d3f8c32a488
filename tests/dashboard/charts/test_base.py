import numpy as np
import pytest

from core import METHODS
from core.rendering.overlay import COLORMAPS, heatmap
from dashboard.charts.base import heat_figure, plain


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


def test_peoples_text_is_no_markup_in_a_chart():
    assert plain("<a href='x'>click</a>\n& more") == "&lt;a href='x'&gt;click&lt;/a&gt; &amp; more"
    assert plain("x" * 100, 10) == "x" * 9 + "…"
