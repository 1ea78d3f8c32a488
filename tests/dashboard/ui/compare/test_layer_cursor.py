"""The layer on display, marked in a chart that is not drawn again for it."""

import json
from types import SimpleNamespace

import pytest

from dashboard.ui.compare import layer_cursor, measures


def marker_of(app):
    """The component that marks the layer; another one keeps a typed name."""
    (marker,) = [each for each in app.get("bidi_component") if "marker" in each.proto.component_name]
    return marker


def test_all_statistics_at_once_and_the_layer_marked_without_drawing_them_again(visit, stored, monkeypatch):
    app = visit("compare", runs=stored(), statistic="All, small", at="5")
    before, marker = app.get("plotly_chart")[0].proto.spec, marker_of(app)
    assert json.loads(marker.proto.json) == {"chart": "compare-chart", "at": 5}
    axes = [name for name in json.loads(before)["layout"] if name.startswith("xaxis")]
    assert len(axes) == len(measures.ALL)
    monkeypatch.setattr("dashboard.ui.compare.depth.depth_figure", None)
    app.select_slider(key="at").set_value(2).run()
    assert not app.exception and app.get("plotly_chart")[0].proto.spec == before
    marker = marker_of(app)
    assert json.loads(marker.proto.json)["at"] == 2
    app.select_slider(key="at").set_value("combined").run()
    marker = marker_of(app)
    assert json.loads(marker.proto.json)["at"] is None


@pytest.mark.parametrize(("reported", "shown"), [(3, 3), (4, None), ("3", None), (True, None), (None, None)])
def test_a_reported_layer_is_shown_if_it_is_one_of_the_charts(monkeypatch, reported, shown):
    values = {"marker": {"layer": reported}}
    monkeypatch.setattr(layer_cursor, "st", SimpleNamespace(session_state=values))
    layer_cursor.go_to_layer("marker", {1, 3})
    assert values.get("at") == shown
