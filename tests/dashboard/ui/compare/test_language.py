"""Compare in Chinese: its words, what people wrote, and what stays English."""

import re

import pytest

from core.analysis.concentration import STATISTICS
from core.analysis.regions import Region
from dashboard.language import speaking
from dashboard.services.open import open_run
from dashboard.ui.compare import measures
from dashboard.ui.compare.chart_files import depth_csv
from dashboard.ui.compare.map_choice import layers_title, stage_title
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.report import report
from dashboard.ui.compare.similarity_matrix import matrix_figure, matrix_of
from tests.dashboard.pages import sentences
from tests.dashboard.people import ADA

PROMPT = "Layer <b>one</b>?"
CHINESE = re.compile("[一-鿿]")


@pytest.mark.parametrize(
    ("tab", "said"),
    [
        ("Depth", "点击某个点，即可在每张图片中查看对应的层。"),
        ("A against B", "滚轮缩放，拖动平移，双击显示整张图片"),
        ("Stages", "每三分之一层的平均热力图。"),
        ("Layer by layer", "热力图变化最大之处"),
        ("Region", "画出一个区域，即可查看每层有多少热度落在其中。"),
        ("Report", "无需联网即可打开，可以用邮件发送"),
    ],
)
def test_each_tab_has_an_english_address_and_speaks_chinese(visit_in_chinese, stored, tab, said):
    names = [stored(prompt=PROMPT), stored(prompt="again?")]
    app = visit_in_chinese("compare", runs=",".join(names), show=tab, at="4")
    assert said in sentences(app)
    assert "**A**，第 4 层" in sentences(app) and app.query_params.get("show", "Depth") == tab
    assert [each.label for each in app.tabs] == [
        "层深",
        "A 与 B 对比",
        "逐词对比",
        "分段",
        "逐层相似度",
        "动画",
        "区域",
        "报告",
    ]
    slider = app.select_slider(key="at")
    assert slider.value == 4 and slider.options[0] == "综合"
    slider.set_value(5).run()
    assert app.query_params["at"] == "5"
    assert "**A**，第 5 层" in sentences(app) and not app.exception and not app.warning
    table = next(each.value for each in app.dataframe if "Prompt" in each.value)
    assert list(table["Prompt"]) == [PROMPT, "again?"]  # what people wrote stays as it is


def test_a_chart_is_made_anew_for_whoever_reads_another_language(visit_as, visit_in_chinese, stored):
    name = stored()
    with speaking("en"):
        english = visit_as(ADA, "compare", runs=name).get("plotly_chart")[0].proto.spec
    chinese = visit_in_chinese("compare", runs=name).get("plotly_chart")[0].proto.spec
    assert "layer %{customdata[0]}" in english and not CHINESE.search(english)
    assert "第 %{customdata[0]} 层" in chinese.encode().decode("unicode_escape")


def test_a_report_is_in_the_language_of_whoever_asks_for_it(stored):
    runs = lettered([open_run(stored(prompt=PROMPT)), open_run(stored(prompt="again?"))])
    with speaking("zh_Hans"):
        page = report(runs, 4, Region(((0, 0), (0.5, 1))), "http://x/?a=b")
    assert '<html lang="zh-Hans">' in page and "<h2>A 与 B 对比</h2>" in page and "如何重新计算" in page
    assert "Layer &lt;b&gt;one&lt;/b&gt;?" in page and "python -m core" in page
    assert "轮廓：区域 0.000,0.000;0.500,1.000" in page and "A，后段：第" in page
    assert '<html lang="en">' in report(runs, 4, None, "")


def test_numbers_for_programs_stay_english(stored):
    (each,) = lettered([open_run(stored(prompt=PROMPT))])
    statistics = [STATISTICS["entropy"]]
    english = depth_csv([measures.depth_line(each)], statistics)
    with speaking("zh_Hans"):
        line = measures.depth_line(each)
        assert line.less(line).name == line.name and line.label.startswith("A：") and PROMPT[:5] in line.label
        assert depth_csv([line], statistics) == english
    assert english.splitlines()[1].startswith(f"A: {PROMPT} (Gradient deviation)")


def test_pictures_to_take_away_are_lettered_in_what_their_font_has(visit_in_chinese, stored, monkeypatch):
    offered = {}
    monkeypatch.setattr(
        "dashboard.ui.compare.chart_files.file_download",
        lambda label, make, file, *_, **__: offered.setdefault(file, (label, make)),
    )
    lettered_in = []
    for module in ("image_files", "pair"):
        sheet = f"dashboard.ui.compare.{module}.sheet"
        monkeypatch.setattr(sheet, lambda tiles, *_, **__: lettered_in.extend(name for name, _ in tiles) or tiles[0][1])
    names = f"{stored(prompt=PROMPT)},{stored(prompt='again?', origin='0' * 64)}"
    for tab in ("Stages", "Film", "A against B"):
        visit_in_chinese("compare", runs=names, show=tab, at="4")
    with speaking("zh_Hans"):
        label, make = offered["compare_pair.csv"]
        assert CHINESE.search(label) and make().startswith("row,column,A,B (imported),difference")
        for file in ("compare_stages.png", "compare_film.gif", "compare_pair.png"):
            label, make = offered[file]
            before = len(lettered_in)
            assert make() and CHINESE.search(label) and len(lettered_in) > before
    assert not CHINESE.search("".join(lettered_in))
    assert {"A, layer 4", "A less B", "A, early: layers 0 to 1"} <= set(lettered_in)


def test_layers_and_blocks_are_counted_as_the_language_does():
    with speaking("zh_Hans"):
        assert layers_title((3,), "decoder") == "第 3 层" and layers_title((3, 4, 5), "tower") == "第 3 至 5 块"
        assert layers_title((1, 5), "decoder") == "第 1 至 5 层中的 2 层"
        assert stage_title("late", (6, 7), "decoder") == "后段：第 6 至 7 层"
    assert layers_title((1, 5), "tower") == "2 blocks, 1 to 5" and layers_title((1, 2), "decoder") == "layers 1 to 2"


def test_a_matrix_says_in_chinese_how_alike_layers_are(stored):
    (each,) = lettered([open_run(stored())])
    with speaking("zh_Hans"):
        figure = matrix_figure(each, each, matrix_of(each, each, "rank"), "rank")
    assert "秩相关 %{z:.3f}" in figure.data[0].hovertemplate and figure.layout.xaxis.title.text.startswith("A 的")
