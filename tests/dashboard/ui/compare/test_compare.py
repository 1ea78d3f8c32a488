"""The Compare page, driven without a browser."""

import base64
import csv
import io
import json
import re
import zipfile
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from plotly.offline import get_plotlyjs
from streamlit.testing.v1 import AppTest

from core.analysis.concentration import STATISTICS
from core.analysis.regions import Region
from core.analysis.stages import stage_means
from dashboard.charts.depth import DepthLine, depth_figure
from dashboard.charts.pair import Pane, panes_figure
from dashboard.layer_ranges import span
from dashboard.services.open import open_run
from dashboard.ui.compare import measures
from dashboard.ui.compare.chart_files import chart_page
from dashboard.ui.compare.csv_files import depth_csv, to_csv
from dashboard.ui.compare.film import film_of
from dashboard.ui.compare.image_files import PACE, film_file, stages_png, stages_zip
from dashboard.ui.compare.linked_panes import painted
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.pair import difference_of, why_no_difference
from dashboard.ui.compare.report import report
from dashboard.ui.compare.similarity_matrix import matrix_of


def sentences(app: AppTest) -> str:
    boxes = (app.error, app.warning, app.info, app.caption, app.markdown)
    return "\n".join(element.value for kind in boxes for element in kind)


def chart(app: AppTest, number: int = 0) -> dict:
    """What a chart on the page draws."""
    return json.loads(app.get("plotly_chart")[number].proto.spec)


# Choosing runs


def test_runs_come_from_the_address(visit, stored):
    names = [stored(), stored(method="gradcam")]
    app = visit("compare", runs=",".join(names))
    assert list(app.dataframe[0].value["run"]) == names
    assert "**A**, one map from all layers" in sentences(app)
    app.select_slider(key="at").set_value(4).run()
    assert not app.exception
    assert "**A**, layer 4" in sentences(app) and "**B**, layer 4" in sentences(app)


def test_the_search_offers_what_it_finds_and_keeps_what_was_picked(visit, stored):
    cat, dog = stored(prompt="a cat"), stored(prompt="a dog")
    app = visit("compare", runs=cat)
    app.text_input(key="compare-search").set_value("dog").run()
    app.multiselect(key="picked-runs").set_value([cat, dog]).run()
    assert list(app.dataframe[0].value["prompt"]) == ["a cat", "a dog"]
    assert app.query_params["runs"] == f"{cat},{dog}"


def test_unknown_runs_are_said_in_one_sentence(visit, stored):
    app = visit("compare", runs=f"{stored()},nonsense,{'0' * 16}")
    assert "2 of the runs named in the address are not known" in sentences(app)
    assert len(app.dataframe[0].value) == 1


def test_more_than_eight_runs_are_eight_and_said(visit, stored):
    names = [stored(prompt=f"question {number}") for number in range(9)]
    app = visit("compare", runs=",".join(names))
    assert "names 9 runs; the first 8" in sentences(app) and len(app.dataframe[0].value) == 8


# Depth


def test_a_statistic_is_drawn_for_every_run_in_its_colour(visit, stored):
    names = [stored(), stored(prompt="and where?")]
    app = visit("compare", runs=",".join(names), statistic="Effective area")
    drawn = [trace for trace in chart(app)["data"] if trace["mode"] == "lines+markers"]
    assert [trace["line"]["color"] for trace in drawn] == ["#2a8fbd", "#e08a1e"]
    assert "share of the cells, 0 to 1" in json.dumps(chart(app)["layout"])


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


def test_the_band_can_be_taken_away(visit, stored):
    app = visit("compare", runs=stored())
    assert len(chart(app)["data"]) == 2
    app.toggle(key="errors").set_value(False).run()
    assert len(chart(app)["data"]) == 1


def test_the_difference_from_a_pinned_run(visit, stored):
    names = [stored(), stored(prompt="and where?")]
    app = visit("compare", runs=",".join(names), baseline="B")
    (trace,) = [trace for trace in chart(app)["data"] if trace["mode"] == "lines+markers"]
    assert trace["name"].startswith("A:")
    assert "difference from B" in json.dumps(chart(app)["layout"])


def test_the_median_of_the_runs(visit, stored):
    names = [stored(prompt=f"question {number}") for number in range(3)]
    app = visit("compare", runs=",".join(names), lines="median and quartiles")
    assert "median and quartiles of 3 runs" in [trace.get("name") for trace in chart(app)["data"]]


def test_runs_of_models_of_another_depth_are_not_subtracted(visit, stored, monkeypatch):
    names = [stored(), stored(prompt="again?"), stored(prompt="deep?")]
    measured = measures.line
    monkeypatch.setattr(
        measures,
        "line",
        lambda each, area, names: replace(measured(each, area, names), total=36 if each.letter == "C" else 8),
    )
    app = visit("compare", runs=",".join(names), baseline="A")
    assert "another number of layers: C." in sentences(app)
    assert [trace["name"][0] for trace in chart(app)["data"] if trace["mode"] == "lines+markers"] == ["B"]


@pytest.mark.parametrize("params", [{"statistic": "<b>", "baseline": "Z", "at": "99", "show": "x", "lines": "?"}])
def test_nonsense_in_the_address_gives_the_usual_view(visit, stored, params):
    app = visit("compare", runs=stored(), **params)
    assert "**A**, one map from all layers" in sentences(app)
    assert app.selectbox(key="statistic").value == "entropy"


def test_runs_with_one_map_in_all_have_no_depth_and_it_is_said(visit, stored):
    app = visit("compare", runs=stored(method="tam", layers=()))
    assert "have one map each" in sentences(app)


def test_peoples_text_is_no_markup_on_the_page(visit, stored):
    app = visit("compare", runs=stored(prompt="<b>bold</b> **x**", text="<img src=x onerror=alert(1)>"))
    assert "<b>" not in chart(app)["data"][-1]["name"] and "onerror" not in sentences(app)


# A against B


def _told(component) -> dict:
    return json.loads(component.proto.json or "{}")


def test_two_maps_and_their_difference_share_their_axes(visit, stored):
    names = [stored(), stored(method="gradcam")]
    app = visit("compare", runs=",".join(names), show="A against B", at="4")
    (told,) = [each for each in map(_told, app.get("bidi_component")) if "shared" in each]
    assert told["shared"] and [pane["difference"] for pane in told["panes"]] == [False, False, True]
    heats = [np.frombuffer(base64.b64decode(pane["heat"]), "<f4").reshape(2, 3) for pane in told["panes"]]
    assert np.array_equal(heats[0], open_run(names[0]).result.at(4))
    assert not heats[2].any() and told["panes"][2]["top"] == 1  # the two are alike


def test_a_difference_is_painted_red_above_zero_and_blue_below():
    grey = np.full((40, 60, 3), 128, np.uint8)
    pane = Pane("A less B", grey, np.array([[-2.0, 0.0, 2.0]]), True, "logits")
    left, middle, right = painted(pane)[20, 10].astype(int), painted(pane)[20, 30], painted(pane)[20, 50].astype(int)
    assert left[2] > left[0] + 60 and right[0] > right[2] + 60 and middle.min() > 200
    assert painted(Pane("A", grey, np.ones((1, 3)))) is grey
    blank = painted(Pane("A less A", grey, np.zeros((1, 3)), True))
    assert (blank == blank[0, 0]).all()


def test_the_file_of_two_maps_has_axes_that_move_together():
    panes = [Pane(name, np.zeros((40, 60, 3), np.uint8), np.eye(2) - 0.3, name == "C") for name in "ABC"]
    drawn = panes_figure(panes)
    assert [trace.type for trace in drawn.data] == ["heatmap"] * 3
    assert drawn.data[2].zmid == 0 and drawn.data[2].zmin == -drawn.data[2].zmax == -0.7
    assert drawn.layout.xaxis3.matches == "x" and drawn.layout.yaxis2.matches == "y"
    assert len(drawn.layout.images) == 3


def test_different_pictures_have_no_difference_and_the_reason_is_said():
    runs = [lettered_run("A", "a" * 64), lettered_run("B", "b" * 64)]
    assert "different pictures" in why_no_difference(*runs)
    assert why_no_difference(runs[0], lettered_run("C", "a" * 64)) is None


def lettered_run(letter, image):
    return SimpleNamespace(letter=letter, run=SimpleNamespace(request=SimpleNamespace(image=image)))


def test_the_difference_of_two_grids_is_on_the_finer_one():
    coarse, fine = np.array([[1.0, 3.0]], np.float32), np.array([[0, 0, 2, 2]] * 2, np.float32)
    framed, difference = difference_of(coarse, fine, "raw")
    assert difference.shape == (2, 4)
    assert difference[0] == pytest.approx([1, 1.5, 0.5, 1])
    framed, difference = difference_of(coarse * 7, fine * 1000, "share")
    assert [each.mean() for each in framed] == pytest.approx([1, 1])


def test_raw_heat_is_subtracted_only_where_the_unit_is_one(visit, stored):
    names = [stored(), stored(method="attention"), stored(prompt="again?")]
    app = visit("compare", runs=",".join(names), show="A against B", at="4")
    assert app.segmented_control(key="difference").options == ["share of the heat"]
    app.selectbox(key="second").set_value("C").run()
    assert app.segmented_control(key="difference").options == ["share of the heat", "raw heat"]


def test_one_run_has_nothing_to_be_set_against(visit, stored):
    assert "Choose a second run" in sentences(visit("compare", runs=stored(), show="A against B"))


def test_a_run_is_not_set_against_itself(visit, stored):
    names = [stored(), stored(prompt="again?")]
    app = visit("compare", runs=",".join(names), show="A against B", second="A")
    assert "one run twice" in sentences(app)


# Region


def test_a_region_in_the_address_is_measured_for_every_run(visit, stored):
    names = [stored(), stored(prompt="again?")]
    app = visit("compare", runs=",".join(names), show="Region", region="0.667,0;1,1", at="4")
    lines = [trace for trace in chart(app, 1)["data"] if trace["mode"] == "lines+markers"]
    assert len(lines) == 2
    # Layer l has heat 0.1 in four cells and l + 0.1 in the two of the right column.
    table = next(each.value for each in app.dataframe if "shown" in each.value)
    assert table["shown"].tolist() == pytest.approx([8.2 / 8.6] * 2, rel=0.01)
    assert table["best"].iloc[0].startswith("layer 7")


def test_the_region_is_a_statistic_of_the_depth_chart(visit, stored):
    app = visit("compare", runs=stored(), statistic="Heat in the region", region="0,0;0.5,0.5")
    assert app.selectbox(key="statistic").value == "region_share"


def test_a_bad_region_is_one_sentence_and_leaves_the_address(visit, stored):
    app = visit("compare", runs=stored(), region="<b>0,0;9,9")
    assert "The region in the address cannot be used" in sentences(app) and "<b>" not in sentences(app)
    assert "region" not in app.query_params


def test_without_a_region_it_says_how_to_draw_one(visit, stored):
    app = visit("compare", runs=stored(), show="Region")
    assert "Draw a region" in sentences(app)
    app = visit("compare", runs=stored(), show="Region", region="0,0;0.5,0.5")
    app.button(key="region-remove").click().run()
    assert "region" not in app.query_params and "Draw a region" in sentences(app)


def test_corners_can_be_typed_and_a_removed_region_used_again(visit, stored):
    app = visit("compare", runs=stored(), show="Region")
    app.text_input(key="region-corners-").set_value("0.1,0.2;0.5,0.8").run()
    assert app.query_params["region"] == "0.100,0.200;0.500,0.800"
    app.button(key="region-remove").click().run()
    assert "region" not in app.query_params
    app.button(key="region-again").click().run()
    assert app.query_params["region"] == "0.100,0.200;0.500,0.800"


def test_a_region_is_kept_with_every_run_about_its_picture_for_whoever_comes(visit, stored, storage):
    first, second, third = (stored(prompt=prompt) for prompt in ("one", "two", "three"))
    visit("compare", runs=f"{first},{second}", show="Region", region="0,0;0.5,0.5")
    assert [storage.runs.get(name).region for name in (first, second, third)] == [*["0.000,0.000;0.500,0.500"] * 2, ""]
    stored(prompt="one")  # running again keeps it
    other = visit("compare", runs=first, show="Region")
    other.button(key="region-again").click().run()
    assert other.query_params["region"] == "0.000,0.000;0.500,0.500"
    assert not any(
        (button.key or "") == "region-again" for button in visit("compare", runs=third, show="Region").button
    )


@pytest.mark.parametrize("typed", ["nonsense", "0,0;7,7", "0,0;0,1"])
def test_typed_nonsense_is_one_sentence_and_changes_nothing(visit, stored, typed):
    app = visit("compare", runs=stored(), show="Region")
    app.text_input(key="region-corners-").set_value(typed).run()
    assert len(app.warning) == 1 and "region" not in app.query_params
    app.run()
    assert not app.warning


# Stages, layer by layer, film


def test_stages_are_the_mean_of_each_third(explain, ask, visit, stored):
    means = stage_means(explain(ask(layers=(0, 1, 4)).request))
    assert {stage: layers for stage, (layers, _) in means.items()} == {"early": (0, 1), "middle": (4,)}
    # Each layer over its own maximum: 1 at the right, 0.1 / 1.1 of layer 1 and 1 of layer 0 (all even) at the left.
    assert means["early"][1][0] == pytest.approx([(1 + 0.1 / 1.1) / 2] * 2 + [1])
    app = visit("compare", runs=stored(), show="Stages")
    assert "same maximum before the mean" in sentences(app)


def test_layers_are_set_against_layers(visit, stored):
    names = [stored(), stored(prompt="again?")]
    app = visit("compare", runs=",".join(names), show="Layer by layer")
    (drawn,) = chart(app)["data"]
    assert drawn["type"] == "heatmap" and (drawn["zmin"], drawn["zmax"]) == (-1, 1)
    assert "Where the map changes most" in sentences(app)
    app.selectbox(key="columns").set_value("B").run()
    app.segmented_control(key="likeness").set_value("overlap").run()
    assert chart(app)["data"][0]["zmin"] == 0
    assert chart(app)["layout"]["xaxis"]["title"]["text"] == "decoder layer of B"


def test_runs_on_two_grids_are_set_against_each_other():
    heats = [np.random.default_rng(0).random(shape).astype(np.float32) for shape in ((2, 3, 4), (3, 6, 8))]
    runs = [SimpleNamespace(run=SimpleNamespace(result=SimpleNamespace(heat=heat))) for heat in heats]
    assert matrix_of(*runs, "rank").shape == (2, 3)


def test_a_film_has_a_picture_for_each_layer_that_a_run_holds(storage, stored):
    runs = lettered([open_run(stored()), open_run(stored(prompt="few", layers=(2, 5)))])
    film = film_of(runs, common_scale=False)
    assert film["layers"] == list(range(8)) and film["word"] == "layer"
    assert all(film["runs"][0]["frames"])
    assert [bool(frame) for frame in film["runs"][1]["frames"]] == [layer in (2, 5) for layer in range(8)]


@pytest.mark.parametrize(
    ("layers", "part", "words"),
    [
        ((3,), "decoder", "layer 3"),
        ((0, 1, 2), "decoder", "layers 0 to 2"),
        ((0, 2), "decoder", "2 layers, 0 to 2"),
        ((1, 2), "tower", "blocks 1 to 2"),
    ],
)
def test_several_layers_in_words(layers, part, words):
    assert span(layers, part) == words


def test_a_film_calls_blocks_of_the_vision_tower_blocks(storage, stored):
    tower = stored(part="tower", layers=(0, 1, 2, 3))
    assert film_of(lettered([open_run(tower)]), common_scale=False)["word"] == "block"
    assert film_of(lettered([open_run(tower), open_run(stored())]), common_scale=False)["word"] == "layer"


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_the_film_is_taken_away_as_one_file_that_plays_every_layer(storage, stored, kind):
    runs = lettered([open_run(stored()), open_run(stored(prompt="few", layers=(2, 5)))])
    film = Image.open(io.BytesIO(film_file(runs, False, kind)))
    assert (film.format, film.n_frames, film.info["loop"]) == (kind.upper(), 8, 0)
    seen = []
    for frame in range(film.n_frames):
        film.seek(frame)
        film.load()
        seen.append(np.asarray(film.convert("RGB")).astype(int))
        assert film.info["duration"] == PACE
    assert all(np.abs(one - other).max() > 50 for one, other in zip(seen, seen[1:], strict=False))


def test_a_film_of_one_map_alone_is_a_file_too(storage, stored):
    film = Image.open(io.BytesIO(film_file(lettered([open_run(stored(layers=(3,)))]), True, "webp")))
    assert getattr(film, "n_frames", 1) == 1


def test_stages_are_taken_away_on_one_page_and_one_by_one(storage, stored):
    runs = lettered([open_run(stored()), open_run(stored(prompt="again?"))])
    strip = Image.open(io.BytesIO(stages_png(runs)))
    assert strip.format == "PNG" and strip.width > 3 * 400 and strip.height > 2 * 250
    with zipfile.ZipFile(io.BytesIO(stages_zip(runs))) as file:
        names = file.namelist()
        sizes = {Image.open(io.BytesIO(file.read(name))).size for name in names}
    stages = ("early", "middle", "late")
    assert names == [f"{each.letter}_{each.run.id}_{stage}.png" for each in runs for stage in stages]
    assert sizes == {(84, 56)}


@pytest.mark.parametrize("tab", ["Stages", "Layer by layer", "Film", "Region", "A against B", "Report"])
def test_every_view_has_an_address_and_stands_runs_without_layers(visit, stored, tab):
    names = [stored(method="tam", layers=()), stored(method="tam", layers=(), prompt="again?")]
    app = visit("compare", runs=",".join(names), show=tab, region="0,0;0.5,1")
    assert not app.exception
    app = visit("compare", runs=stored(), show=tab)
    assert not app.exception


# Files


def test_the_csv_holds_the_numbers_and_no_formula():
    line = DepthLine(
        "=cmd|A", "#2a8fbd", (0, 2), 4, {"entropy": np.array([-0.5, np.nan])}, {"entropy": np.array([0.1, 0])}
    )
    head, first, second = csv.reader(io.StringIO(depth_csv([line], [STATISTICS["entropy"]], "A")))
    assert head[:2] == ["run", "layer"]
    assert first == ["'=cmd|A", "0", "4", "entropy", "-0.5", "0.1", "A"]
    assert second[4] == ""
    assert to_csv(("@x",), [("+1",), (-1,)]) == "'@x\n'+1\n-1\n"


def test_a_chart_is_a_page_that_needs_no_network():
    label = "</script><script>alert(1)</script>"
    line = DepthLine(label, "#2a8fbd", (0, 1), 2, {"entropy": np.array([0.5, 0.6])})
    page = chart_page(depth_figure([line], statistics=[STATISTICS["entropy"]]), "depth")
    assert label not in page and "Plotly.newPlot" in page
    assert "<script src=" not in page and "sendChartToCloud" in page


def test_the_report_holds_everything_and_fetches_nothing(storage, stored):
    nasty = "</script><img src=x onerror=alert(1)> <b>bold</b>"
    names = [stored(prompt=nasty, text="<i>right</i>"), stored(prompt="again?")]
    page = report(lettered([open_run(name) for name in names]), 4, Region(((0, 0), (0.5, 1))), "http://x/?a=<b>")
    for text in (nasty, "<i>right</i>", "http://x/?a=<b>"):
        assert text not in page
    assert "&lt;i&gt;right&lt;/i&gt;" in page and "&lt;b&gt;bold&lt;/b&gt;" in page
    assert page.count("Plotly.newPlot") >= 3 and "default-src 'none'" in page
    page = page.replace(get_plotlyjs(), "")  # a program that names addresses, which the policy keeps it from
    # Whatever is loaded is in the page: pictures and the picture file are data, and no script has a source.
    assert set(re.findall(r"(?:src|href)=[\"'](\w+):", page)) == {"data"}
    assert not re.search(r"<(script|link|iframe)[^>]+(src|href)=", page)
    assert "python -m core" in page and "A_picture.png" in page


def test_a_report_of_one_run_with_one_map_has_no_depth(storage, stored):
    page = report(lettered([open_run(stored(method="tam", layers=()))]), None, None, "")
    assert "1 run compared" in page and "Over depth" not in page


def test_a_large_picture_file_is_left_out_and_said(storage, stored, monkeypatch):
    monkeypatch.setattr("dashboard.ui.compare.report.MOST_PICTURE_BYTES", 10)
    page = report(lettered([open_run(stored())]), None, None, "")
    assert "is not in this report" in page and "href=" not in page.replace(get_plotlyjs(), "")
