"""Two maps and their difference as one figure."""

import numpy as np

from dashboard.charts.pair import Pane, panes_figure


def test_the_file_of_two_maps_has_axes_that_move_together():
    panes = [Pane(name, np.zeros((40, 60, 3), np.uint8), np.eye(2) - 0.3, name == "C") for name in "ABC"]
    drawn = panes_figure(panes)
    assert [trace.type for trace in drawn.data] == ["heatmap"] * 3
    assert drawn.data[2].zmid == 0 and drawn.data[2].zmin == -drawn.data[2].zmax == -0.7
    assert drawn.layout.xaxis3.matches == "x" and drawn.layout.yaxis2.matches == "y"
    assert len(drawn.layout.images) == 3
