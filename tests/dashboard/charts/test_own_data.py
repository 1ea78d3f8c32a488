"""A report of people's own data as a figure and a table."""

import pytest

from core.evaluation.protocol.figures import MEASURES, REMOVAL, WORD_MEASURES
from core.evaluation.protocol.published import PUBLISHED
from core.evaluation.protocol.report import read_report
from dashboard.charts.own_data import TITLES, own_data_figure, own_data_rows, own_data_table
from tests.core.evaluation.protocol.reports import make_report
from tests.core.evaluation.protocol.test_report import as_bytes


@pytest.fixture
def rows():
    return own_data_rows(read_report(as_bytes(make_report())))


def test_every_figure_has_a_title():
    assert set(TITLES) == {*MEASURES, *WORD_MEASURES, *REMOVAL}


def test_published_figures_stand_below_what_was_measured(rows):
    titles = [title for title, _colour, _figures in rows]
    assert titles[0] == "Combined map" and titles[1].startswith("Grad-CAM") and titles[1].endswith(", layer 2")
    assert titles[3:5] == ["uniform heat", "the true mask"]
    assert titles[5:] == [f"{each.method} (published, other pictures)" for each in PUBLISHED]
    assert len({colour for _title, colour, _figures in rows}) == 3


def test_a_chart_holds_the_maps_that_have_the_figure(rows):
    chart = own_data_figure(rows, "deletion")
    shown = chart.data[0]
    assert list(shown.text) == [title for title, _colour, figures in rows if "deletion" in figures]
    assert shown.error_x.array[0] == pytest.approx(0.1) and shown.error_x.array[-1] == 0
    assert chart.layout.xaxis.title.text == "Deletion (low is good)"


def test_the_table_has_a_cell_for_each_map_and_figure(rows):
    table = own_data_table(rows)
    assert list(table) == ["Map", *TITLES.values()]
    assert {len(cells) for cells in table.values()} == {len(rows)}
    assert table["Energy"][0] == "0.800 (0.700 to 0.900)" and table["Energy"][-1] == ""
    assert table["Pointing, box"][5] == "0.404"


def test_names_of_strangers_are_no_markup():
    report = make_report()
    report["methods"]["<b>x</b>"] = report["methods"]["combined"]
    assert own_data_rows(report)[3][0] == "&lt;b&gt;x&lt;/b&gt;"
