"""Figures over the time of videos."""

import numpy as np

from core.schema.time_steps import TimeStep
from dashboard.charts.over_time import TimeLine, rows_over_time_figure, share_figure

STEPS = (TimeStep(0.0, 1.0), TimeStep(1.0, 3.0))


def test_a_line_stands_at_the_middle_of_each_step_with_its_band():
    line = TimeLine("a run", "#2a8fbd", STEPS, np.array([0.25, 0.75]), np.array([0.5, 0.1]))
    band, points = share_figure([line]).data
    assert list(points.x) == [0.5, 2.0] and list(points.y) == [0.25, 0.75] and not points.showlegend
    assert list(band.y) == [0.75, 0.85, 0.65, 0.0]  # no share is below 0
    assert points.customdata[1][2] == "75 ± 10"


def test_several_lines_have_a_legend_and_those_without_errors_no_band():
    lines = [TimeLine(name, "#2a8fbd", STEPS, np.array([0.5, 0.5])) for name in "AB"]
    figure = share_figure(lines, STEPS[1])
    assert [trace.name for trace in figure.data] == ["A", "B"] and all(trace.showlegend for trace in figure.data)
    (shaded,) = figure.layout.shapes
    assert (shaded.x0, shaded.x1) == (1.0, 3.0)


def test_cells_are_as_wide_as_their_steps_last():
    figure = rows_over_time_figure(np.array([[0.2, 0.8], [0.5, 0.5]]), ["first", "second"], STEPS, "layers")
    (cells,) = figure.data
    assert list(cells.x) == [0.0, 1.0, 3.0] and list(cells.y) == [-0.5, 0.5, 1.5]
    assert list(figure.layout.yaxis.ticktext) == ["first", "second"] and cells.zmin == 0
