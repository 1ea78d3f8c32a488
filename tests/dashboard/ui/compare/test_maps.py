"""The map that every picture shows: which layer, its name, and the runs side by side."""

import numpy as np
import pytest

from core.analysis.regions import Region
from core.rendering.overlay import overlay
from dashboard.services.open import open_run
from dashboard.ui import images
from dashboard.ui.compare.maps import heat_at, name_of, outlined_map
from tests.dashboard.pages import sentences


@pytest.mark.parametrize(
    ("layer", "part", "name"),
    [(None, "decoder", "one map from all layers"), (4, "decoder", "layer 4"), (2, "tower", "block 2")],
)
def test_a_layer_has_a_name(layer, part, name):
    assert name_of(layer, part) == name


def test_the_heat_is_that_of_the_layer_or_none(stored):
    run = open_run(stored(layers=(2, 5)))
    assert heat_at(run, 5) is not None and np.array_equal(heat_at(run, 5), run.result.heat[1])
    assert heat_at(run, 4) is None
    assert np.array_equal(heat_at(run, None), run.result.headline)


def test_a_region_is_outlined_and_nothing_else_is_changed(stored):
    run = open_run(stored())
    heat = heat_at(run, 4)
    plain = outlined_map(run, heat, 480)
    assert np.array_equal(plain, overlay(images.small(run, 480), heat))
    drawn = outlined_map(run, heat, 480, Region(((0, 0), (0.5, 1))))
    changed = (drawn != plain).any(-1)
    assert changed.any() and not changed[:, plain.shape[1] * 3 // 4 :].any()
    assert not changed[20:-20, 10 : plain.shape[1] // 4].any()


def test_a_run_without_that_layer_says_so_beside_the_others(visit, stored):
    app = visit("compare", runs=f"{stored()},{stored(layers=(2, 5))}", at="4")
    assert "**A**, layer 4" in sentences(app) and "**B**, layer 4" in sentences(app)
    assert sentences(app).count("This run holds no map of that layer.") == 1


def test_another_runs_layer_gives_way_to_the_combined_map(visit, stored):
    app = visit("compare", runs=stored(layers=(2, 5)), at="4")
    assert app.select_slider(key="at").value == "combined"
    assert list(app.select_slider(key="at").options) == ["combined", "2", "5"]
