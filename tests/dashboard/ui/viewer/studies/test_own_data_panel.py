"""What was measured of a model on people's own data, below what was measured on drawn scenes."""

from core.evaluation.protocol.figures import MEASURES
from core.evaluation.protocol.report import read_report
from dashboard.storage.evaluations import Evaluations
from dashboard.ui.viewer.studies import own_data_panel
from tests.core.evaluation.protocol.reports import make_report
from tests.core.evaluation.protocol.test_report import as_bytes
from tests.dashboard.pages import sentences, table_with


def reports(*changes: dict) -> Evaluations:
    return Evaluations(tuple(read_report(as_bytes(make_report() | change)) for change in changes), unreadable=1)


def test_where_nothing_is_measured_the_command_stands(visit, stored):
    app = visit("compute", run=stored(), tab="Trust")
    assert own_data_panel.COMMAND in [code.value for code in app.code]
    assert "**This model on your own data**" in sentences(app) and table_with(app, "Pointing, box") is None


def test_a_report_is_shown_beside_published_figures(visit, stored, monkeypatch):
    hostile = {"name": "**bold** ![x](y)", "kind": "coco"}
    found = reports({}, {"key": "01" * 16, "data": hostile})
    monkeypatch.setattr(own_data_panel, "evaluations_of", lambda run: found)
    app = visit("compute", run=stored(), tab="Trust")
    said = sentences(app)
    assert "30 objects on 9 pictures; 95 % intervals" in said
    assert "12 objects (29%) that the model never names are left out." in said
    assert "1 report in the data folder cannot be read." in said and "arXiv:2506.23270" in said
    table = table_with(app, "Pointing, box")
    assert table["Map"][0] == "Combined map" and "EAGLE (published, other pictures)" in list(table["Map"])
    assert MEASURES["pointing_box"] in said  # what the figure on display says
    choice = app.selectbox(key="own-data")
    assert len(choice.options) == 2 and "**bold**" not in choice.options[1]
    app.selectbox(key="own-measure").set_value("auc").run()
    assert MEASURES["auc"] in sentences(app)
