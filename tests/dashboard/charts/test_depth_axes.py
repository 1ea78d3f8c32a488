"""The axis of depth in charts."""

from dashboard.charts.depth_axes import axis_value, panel_shape, shaded_thirds


def test_depth_is_a_layer_or_a_share_of_all():
    assert axis_value(3, 9, relative=False) == 3
    assert [axis_value(layer, 9, relative=True) for layer in (0, 4, 8)] == [0, 0.5, 1]
    assert axis_value(0, 1, relative=True) == 0


def test_thirds_are_shaded_from_edge_to_edge_in_every_panel():
    shapes, words = shaded_thirds(9, False, range(1, 3), with_words=True)
    assert [(shape["x0"], shape["x1"]) for shape in shapes[::2]] == [(-0.5, 2.5), (2.5, 5.5), (5.5, 8.5)]
    assert [shape["xref"] for shape in shapes[:2]] == ["x", "x2"]
    assert [word["text"] for word in words[::2]] == ["early", "middle", "late"]
    assert [word["xanchor"] for word in words[::2]] == ["left", "left", "right"]


def test_on_a_relative_axis_the_last_third_ends_at_one():
    shapes, words = shaded_thirds(9, True, range(1, 2), with_words=False)
    assert (shapes[0]["x0"], shapes[-1]["x1"]) == (0, 1) and words == []


def test_a_shape_is_as_high_as_its_panel():
    shape = panel_shape("line", 2, 2, 3)
    assert (shape["xref"], shape["yref"], shape["y0"], shape["y1"]) == ("x3", "y3 domain", 0, 1)
