"""Which map is on display: what can be chosen, what is seen first, and what each is called."""

import numpy as np
import pytest

from dashboard.services.open import open_run
from dashboard.ui.compare.map_choice import choices_for, heading, heat_at, layer_of, method_and_layer, name_of, unit_at
from dashboard.ui.compare.measures import lettered

TOWER = {"part": "tower", "layers": (2, 3)}
TAM = {"method": "tam", "layers": ()}
COMBINED = {"method": "combined", "layers": ()}


@pytest.fixture
def compared(stored_by_method):
    """Runs by what was asked: `compared({}, {"method": "gradcam"})`."""
    return lambda *asked: lettered([open_run(stored_by_method(**each)) for each in asked])


@pytest.mark.parametrize(
    ("asked", "choices"),
    [
        ([{}], ("combined", 2, 5)),
        ([{}, {"prompt": "again?"}, {"layers": (3,)}], ("combined", 2, 3, 5)),
        ([COMBINED], ("combined",)),
        ([{"method": "gradcam"}], ("asked", "combined", 2, 5)),
        ([{}, {"method": "gradcam"}], ("asked", "combined", 2, 5)),
        ([{}, TOWER], ("asked", "combined", 2, 3, 5)),
        ([{}, {"tap": "output"}], ("asked", "combined", 2, 5)),
        ([TAM], ("asked", "combined")),
        ([{}, COMBINED], ("own", "combined", 2, 5)),
        ([{}, COMBINED, {"method": "gradcam"}], ("own", "combined", 2, 5)),
    ],
)
def test_what_runs_were_asked_is_seen_first_and_the_combined_map_next(compared, asked, choices):
    assert choices_for(compared(*asked)) == choices


@pytest.mark.parametrize(
    "other", [{"method": "gradcam"}, {"method": "attention"}, TOWER, {"tap": "output"}, TAM, COMBINED]
)
def test_runs_that_were_asked_otherwise_differ_at_first(compared, other):
    runs = compared({}, other)
    first, *rest = choices_for(runs)
    heats = [heat_at(each.run, first) for each in runs]
    assert heats[0].shape != heats[1].shape or not np.array_equal(*heats)
    assert "combined" in rest and np.array_equal(*(heat_at(each.run, "combined") for each in runs))


def test_a_layer_is_the_runs_own_map_of_it_or_none(compared):
    (each,) = compared({"method": "gradcam"})
    assert np.array_equal(heat_at(each.run, 5), each.run.result.heat[1])
    assert heat_at(each.run, 4) is None and method_and_layer(each.run, 4) is None
    assert np.array_equal(heat_at(each.run, "asked"), each.run.result.headline)
    assert np.array_equal(heat_at(each.run, "combined"), each.run.result.combined)
    assert (layer_of(5), layer_of(0), layer_of("asked"), layer_of("combined")) == (5, 0, None, None)


def test_a_run_without_a_combined_map_says_so(tower_run):
    assert heat_at(tower_run, "combined") is None and name_of(tower_run, "combined") == "combined map"


@pytest.mark.parametrize(
    ("asked", "choice", "name", "unit"),
    [
        ({}, "asked", "combined map", "logits x activation"),
        ({}, "own", "Gradient deviation, layer 2", "logits"),
        ({}, 4, "layer 4", "logits"),
        ({"method": "attention"}, "asked", "Attention, layer 2", "probability"),
        ({"method": "attention"}, "combined", "combined map", "logits x activation"),
        (TOWER, "asked", "Gradient deviation, vision tower, block 2", "logits"),
        (TOWER, 3, "block 3", "logits"),
        (TAM, "asked", "TAM", "0 to 1"),
    ],
)
def test_a_map_has_a_name_and_a_unit(compared, asked, choice, name, unit):
    (each,) = compared(asked)
    assert (name_of(each.run, choice), unit_at(each.run, choice)) == (name, unit)


def test_all_maps_together_have_a_heading(compared):
    decoder, tower = compared({}, TOWER)
    assert heading([decoder, tower], 2) == heading([decoder], 2) == "layer 2" and heading([tower], 2) == "block 2"
    assert [heading([tower], choice) for choice in ("asked", "own", "combined")] == [
        "as each run asked",
        "each run's own method",
        "combined map",
    ]


def test_another_runs_layer_gives_way_to_what_is_seen_first(visit, stored_by_method):
    app = visit("compare", runs=stored_by_method(), at="4")
    assert app.select_slider(key="at").value == "combined"
    assert list(app.select_slider(key="at").options) == ["combined", "2", "5"]
    app = visit("compare", runs=stored_by_method(method="gradcam"), at="4")
    assert app.select_slider(key="at").value == "asked"


def test_a_link_to_the_combined_map_leads_there_whatever_was_asked(visit, stored_by_method):
    app = visit("compare", runs=stored_by_method(method="gradcam"), at="combined")
    assert app.select_slider(key="at").value == "combined"


def test_runs_of_one_map_alone_have_nothing_to_choose(visit, stored_by_method):
    app = visit("compare", runs=stored_by_method(**COMBINED))
    assert not app.exception and not app.select_slider
