"""The panes in which the map on display is shown."""

import numpy as np

from dashboard.ui.viewer.controls import PANES
from dashboard.ui.viewer.view import View
from tests.dashboard.pages import titles


def test_the_panes_are_chosen_and_one_always_remains(visit, stored):
    app = visit("compute", run=stored())
    assert "**Picture**" not in titles(app)
    app.segmented_control(key="panes").set_value(["picture"]).run()
    assert "**Picture**" in titles(app) and not any("Raw heat" in title for title in titles(app))
    app.segmented_control(key="panes").set_value([]).run()
    assert "**Combined map** over the picture" in titles(app) and not app.exception
    app = visit("compute", run=stored(), panes=list(PANES))
    assert app.segmented_control(key="panes").value == list(PANES)


def test_a_blank_map_is_said_to_be_blank(visit, stored, monkeypatch):
    monkeypatch.setattr(View, "heat", lambda view, result: np.zeros((2, 3)))
    app = visit("compute", run=stored())
    assert any("zero everywhere" in info.value for info in app.info)
