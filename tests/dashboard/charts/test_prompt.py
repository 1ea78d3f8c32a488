"""Shares of what a model reads, as a bar and over depth."""

from dataclasses import replace

import pytest

from dashboard.charts.prompt import SOURCE_TITLES, share_figure, shares_over_depth
from dashboard.language import speaking
from tests.core.schema.readings.test_prompt_heat import HEAT


def test_the_bar_is_the_whole_picture_by_picture():
    figure = share_figure(HEAT, 0)
    assert [each.name for each in figure.data] == ["picture 1", "picture 2", "prompt", "answer so far", "template"]
    assert [each.x[0] for each in figure.data] == pytest.approx([0.3, 0.1, 0.2, 0.1, 0.3])
    assert [each.text for each in figure.data][:2] == ["30 %", "10 %"] and figure.layout.barmode == "stack"


def test_one_picture_has_no_number():
    alone = replace(HEAT, picture_heat=((4.0,), (0.0,)))
    assert share_figure(alone, 0).data[0].name == "picture"


def test_a_narrow_piece_has_no_number_on_it_but_when_it_is_pointed_at():
    narrow = share_figure(replace(HEAT, answer_heat=(0.1, 0.0)), 0).data[3]
    assert narrow.text == "" and narrow.hovertemplate == "answer so far: %{x:.1%}<extra></extra>"


def test_depth_has_a_line_a_source_and_marks_the_layer():
    figure = shares_over_depth(HEAT, 1)
    assert [each.name for each in figure.data] == list(SOURCE_TITLES.values())
    assert [tuple(each.y) for each in figure.data] == [(0.4, 0), (0.2, 0), (0.1, 0), (0.3, 0)]
    # Told apart without colour, too.
    assert len({each.line.dash for each in figure.data}) == len({each.marker.pattern.shape for each in _bars()}) == 4
    marked = [shape for shape in figure.layout.shapes if shape.type == "line"]
    assert [(shape.x0, shape.x1) for shape in marked] == [(1, 1)]


def test_they_are_in_the_language_of_whoever_looks():
    with speaking("zh_Hans"):
        assert share_figure(HEAT, 0).data[2].name == "提示词"


def _bars():
    return share_figure(replace(HEAT, picture_heat=((4.0,), (0.0,))), 0).data
