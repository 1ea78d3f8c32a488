"""Layers set against layers, within a run and between two."""

from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.ui.compare.similarity_matrix import matrix_of
from tests.dashboard.pages import chart, sentences


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


def test_a_layer_is_most_like_itself():
    heat = np.stack([np.arange(6.0).reshape(2, 3), -np.arange(6.0).reshape(2, 3) + 5, np.eye(2, 3)]).astype(np.float32)
    run = SimpleNamespace(run=SimpleNamespace(result=SimpleNamespace(heat=heat)))
    values = matrix_of(run, run, "rank")
    assert np.diagonal(values) == pytest.approx([1, 1, 1])
    assert values[0, 1] == values[1, 0] == pytest.approx(-1)  # the order turned round
