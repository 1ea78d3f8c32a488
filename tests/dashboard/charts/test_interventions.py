"""What interventions found, as figures."""

import pytest

from core.interventions.report import FILLS
from dashboard.charts.interventions import PARTS, probability_figure, reliance_figure
from dashboard.language import speaking
from tests.dashboard.interventions import reliance, what_if


@pytest.fixture
def result(ask, explain):
    return explain(ask().request, "In the <b>right</b>")


def test_each_token_stands_there_before_and_after_each_fill(result):
    figure = probability_figure(what_if(result, changed=2))
    assert list(figure.data[0].y) == [0.9, 0.9, 0.9]
    assert [list(trace.y) for trace in figure.data[1:]] == [[0.1] * 3, [0.1] * 3, [0.8] * 3]
    # Told apart without colour, and not drawn over one another.
    marks = [(trace.marker.symbol, trace.x[0]) for trace in figure.data[1:]]
    assert [len(set(each)) for each in zip(*marks, strict=True)] == [3, 3]
    assert list(figure.layout.xaxis.ticktext) == ["In", "the", "&lt;b&gt;right&lt;/b&gt;"]


def test_a_bar_stacks_what_a_word_rests_on(result):
    figure = reliance_figure(reliance(result))
    words = reliance(result).words()
    assert len(figure.data) == len(PARTS) and figure.layout.barmode == "relative"
    assert [list(trace.y) for trace in figure.data] == [[2.0] * len(words), [0.5] * len(words), [-0.3] * len(words)]
    assert len({trace.marker.pattern.shape for trace in figure.data}) == 3


def test_figures_are_in_the_language_of_whoever_looks(result):
    with speaking("zh_Hans"):
        names = [trace.name for trace in probability_figure(what_if(result)).data]
        parts = [trace.name for trace in reliance_figure(reliance(result)).data]
    assert names == ["完整图片", "模糊", "平均颜色", "噪声"] and len(names) == 1 + len(FILLS)
    assert parts == ["图片", "问题", "此前的回答"]
