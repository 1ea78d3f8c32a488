import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from core.schema import gather
from core.schema.run_requests import whole_run
from core.schema.target import Target
from dashboard.loaded_run import LoadedRun
from dashboard.services.open import open_run
from dashboard.ui.viewer import exports
from dashboard.ui.viewer.view import Marks, View


@pytest.fixture
def run(ask, explain, chosen):
    return LoadedRun(explain(ask(prompt='quote " and 左上角').request), chosen)


def test_the_overlay_has_the_pictures_own_size_and_the_views_layer(run):
    png = Image.open(io.BytesIO(exports.overlay_png(run, View(layer=5, opacity=0.7))))
    assert (png.format, png.size) == ("PNG", (84, 56))
    expected = View(layer=5, opacity=0.7).draw(run.chosen.picture.pixels, run.result, 5)
    assert np.array_equal(np.asarray(png), expected)


def test_the_archive_holds_every_layer_twice_and_the_numbers(run):
    with zipfile.ZipFile(io.BytesIO(exports.archive(run, View(layer=0)))) as file:
        assert file.testzip() is None
        layers = [f"layer-{layer:02d}_{kind}.png" for layer in range(8) for kind in ("heat", "overlay")]
        numbers = ["result.json", "result.npz", "heat.csv", "tokens.csv"]
        again = ["picture.png", "reproduce.sh", "reproduce.py"]
        assert sorted(file.namelist()) == sorted([*layers, *numbers, *again])
        assert file.read("picture.png") == run.chosen.data
        assert Image.open(io.BytesIO(file.read("layer-07_heat.png"))).size == (84, 56)
        assert json.loads(file.read("result.json"))["request"]["prompt"] == 'quote " and 左上角'
        with np.load(io.BytesIO(file.read("result.npz")), allow_pickle=False) as numbers:
            assert np.array_equal(numbers["heat"], run.result.heat)


def test_a_caption_says_what_is_drawn_and_the_picture_stays(run):
    view = View(layer=5, threshold=0.3)
    plain = np.asarray(Image.open(io.BytesIO(exports.overlay_png(run, view))))
    framed = np.asarray(Image.open(io.BytesIO(exports.overlay_png(run, view, with_bar=True, caption=True))))
    left = (framed.shape[1] - 84) // 2
    assert np.array_equal(framed[:56, left : left + 84], plain) and framed.shape[0] > 56
    lines = exports.caption_of(run, view)
    assert lines["Prompt"] == 'quote " and 左上角' and lines["Answer"] == "right"
    assert lines["Map"] == "layer 5 of 8, Gradient deviation, 10 samples with noise 0.15"
    bar = exports.bar_of(run, view)
    assert (bar.maximum, bar.threshold) == (pytest.approx(5.1), 0.3) and bar.unit
    assert exports.bar_of(run, View(layer=5, maximum=7.1)).maximum == 7.1


def test_hidden_sinks_are_told_and_the_bar_ends_at_what_is_drawn(run):
    heat = run.result.at(5)
    hottest = heat == heat.max()
    view = View(layer=5, marks=Marks(masked=hottest))
    assert exports.bar_of(run, view).maximum == pytest.approx(heat[~hottest].max())
    assert exports.caption_of(run, view)["Hidden"].startswith(f"the heat of {hottest.sum()} sink")
    assert "Hidden" not in exports.caption_of(run, View(layer=5))


@pytest.mark.parametrize(
    "method, title, name",
    [
        ("gradient_deviation", "Combined map", "the combined map"),
        ("combined", "Combined map", "the combined map"),
        ("occlusion", "Occlusion", "the map by Occlusion"),
    ],
)
def test_the_one_map_of_a_run_is_called_by_what_it_is(ask, explain, chosen, method, title, name):
    one = {} if method == "gradient_deviation" else {"layers": ()}
    run = LoadedRun(gather([explain(each) for each in whole_run(ask(method=method, **one).request)]), chosen)
    assert View(layer=None).name(run.result) == name
    assert exports.caption_of(run, View(layer=None))["Map"] == f"{title}, 10 samples with noise 0.15"


def test_a_part_of_the_answer_is_named_in_the_caption(ask, explain, chosen):
    run = LoadedRun(explain(ask(target=Target.contrast(0, "left")).request), chosen)
    assert exports.caption_of(run, View(layer=0))["Explained"] == '"right" rather than "left" at token 0'


def test_the_archive_holds_the_maps_of_every_picture(stored_all):
    run = open_run(stored_all()).of_picture(1)
    with zipfile.ZipFile(io.BytesIO(exports.archive(run, View(layer=3)))) as file:
        names = file.namelist()
        for number in (1, 2, 3):
            assert {f"picture-{number}_layer-03_heat.png", f"picture-{number}_combined_overlay.png"} <= set(names)
            assert f"picture-{number}_heat.csv" in names and f"picture-{number}.png" in names
    assert exports.caption_of(run, View(layer=3))["Picture"] == "2 of the 3 in the prompt"


def test_the_archive_holds_the_boxes_of_an_answer_that_names_some(stored):
    run = open_run(stored('{"bbox_2d": [112, 0, 224, 140], "label": "right"}'))
    with zipfile.ZipFile(io.BytesIO(exports.archive(run, View(layer=0)))) as file:
        head, *lines = file.read("boxes.csv").decode().splitlines()
        assert head.startswith("box,kind,label,left,top,right,bottom,method,layer,share_of_heat")
        assert len(lines) == 9 and lines[0].startswith("1,box,right,42.00,0.00,84.00,56.00,gradient_deviation,0,")
        assert json.loads(file.read("result.json"))["boxes"][0]["label"] == "right"
