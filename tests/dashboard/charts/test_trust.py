"""What was measured about a map, as figures and a table."""

from dataclasses import replace

from dashboard.charts.trust import area_table, cascade_figure, removal_figure
from dashboard.language import speaking
from tests.core.evaluation.trust.reports import CURVES
from tests.dashboard.ui.viewer.studies.test_trust_panel import make_report


def test_the_charts_hold_the_curves():
    report = make_report()
    figure = removal_figure(report)
    assert len(figure.data) == 8
    assert tuple(figure.data[0].y) == report.tokens.deletion and tuple(figure.data[5].y) == report.pixels.insertion
    assert tuple(cascade_figure(report).data[0].y) == (1.0, 0.9, 0.7, 0.2, -0.1)


def test_areas_stand_beside_those_of_orders_that_know_nothing():
    report = make_report(greyed=replace(CURVES, surface="pixels", fill="mean", deletion_area=0.25))
    assert len(removal_figure(report).data) == 12
    table = area_table(report)
    assert table["Area under the probability"][2] == "Pixels, replaced by the mean colour"
    assert table["Hottest first (deletion)"] == ["0.300", "0.300", "0.250"]
    assert table["Any order"][0] == "0.500 (2 orders: 0.400 to 0.600)"
    assert table["From the centre"][0] == "0.500 (2 orders: 0.450 to 0.550)"


def test_curves_and_areas_are_in_the_language_of_whoever_looks():
    report = make_report()
    with speaking("zh_Hans"):
        figure, cascade, table = removal_figure(report), cascade_figure(report), area_table(report)
    assert (
        figure.layout.annotations[0].text == "视觉词元，替换为其均值"
        and figure.layout.legend.title.text == "移除方式："
    )
    assert figure.data[0].name == "先移除最热的单元格（删除）"
    assert cascade.data[0].hovertemplate == "%{x} 层：%{y:.2f}<extra></extra>"
    assert table["随机顺序"][0] == "0.500（2 种顺序：0.400 至 0.600）"
