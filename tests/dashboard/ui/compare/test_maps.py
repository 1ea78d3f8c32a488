"""The maps on display over the runs' pictures."""

import numpy as np

from core.analysis.regions import Region
from core.rendering.overlay import overlay
from dashboard.services.open import open_run
from dashboard.ui import images
from dashboard.ui.compare.map_choice import heat_at
from dashboard.ui.compare.maps import outlined_map
from tests.dashboard.pages import sentences
from tests.dashboard.seen import share_that_differs


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
    assert sentences(app).count("This run holds no such map.") == 1


def test_runs_of_different_methods_are_first_seen_where_they_differ(visit, stored_by_method, monkeypatch):
    drawn = {}

    def noted(run, heat, longest, region=None):
        drawn[run.request.method] = outlined_map(run, heat, longest, region)
        return drawn[run.request.method]

    monkeypatch.setattr("dashboard.ui.compare.maps.outlined_map", noted)
    names = stored_by_method(), stored_by_method(method="gradcam")
    app = visit("compare", runs=",".join(names))
    assert "**A**, combined map" in sentences(app)
    assert "**B**, Grad-CAM (as in the original), layer 2" in sentences(app)
    runs = [open_run(name) for name in names]
    pixels = images.small(runs[0], 480)
    true = share_that_differs(overlay(pixels, runs[0].result.combined), overlay(pixels, runs[1].result.at(2)))
    assert share_that_differs(*drawn.values()) == true > 0.3
    app.select_slider(key="at").set_value("combined").run()  # which is one map for both
    assert share_that_differs(*drawn.values()) == 0
