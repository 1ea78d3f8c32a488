import io
import json
import zipfile

import numpy as np
import pytest
from PIL import Image

from dashboard import exports
from dashboard.services import ShownRun
from dashboard.viewing import View


@pytest.fixture
def run(ask, explain, chosen):
    return ShownRun(explain(ask(prompt='quote " and 左上角').request), chosen)


def test_the_overlay_has_the_pictures_own_size_and_the_views_layer(run):
    png = Image.open(io.BytesIO(exports.overlay_png(run, View(layer=5, opacity=0.7))))
    assert (png.format, png.size) == ("PNG", (84, 56))
    expected = View(layer=5, opacity=0.7).draw(run.chosen.picture.pixels, run.result, 5)
    assert np.array_equal(np.asarray(png), expected)


def test_the_archive_holds_every_layer_twice_and_the_numbers(run):
    with zipfile.ZipFile(io.BytesIO(exports.archive(run, View(layer=0)))) as file:
        assert file.testzip() is None
        layers = [f"layer-{layer:02d}_{kind}.png" for layer in range(8) for kind in ("heat", "overlay")]
        assert sorted(file.namelist()) == sorted([*layers, "result.json", "result.npz"])
        assert Image.open(io.BytesIO(file.read("layer-07_heat.png"))).size == (84, 56)
        assert json.loads(file.read("result.json"))["request"]["prompt"] == 'quote " and 左上角'
        with np.load(io.BytesIO(file.read("result.npz")), allow_pickle=False) as numbers:
            assert np.array_equal(numbers["heat"], run.result.heat)
