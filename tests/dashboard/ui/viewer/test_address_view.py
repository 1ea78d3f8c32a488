"""The view that an address names: the same that the viewer in the browser reads off it."""

import numpy as np
import pytest
import streamlit as st

from core.analysis.artefacts import as_mask
from core.rendering.overlay import DEFAULT_COLORMAP, OPACITY
from core.schema.methods import COMBINED
from dashboard.services.open import open_run
from dashboard.ui import sample_scenes
from dashboard.ui.viewer import address_view
from dashboard.ui.viewer.address_view import map_in_address, view_of, view_of_words
from dashboard.ui.viewer.view import Marks, View
from tests.dashboard.pages import viewer_head


class Address(dict):
    """Stands for `st.query_params`: each name with its values."""

    def __init__(self, **values):
        super().__init__({name: value if isinstance(value, list) else [value] for name, value in values.items()})

    def get(self, name, usual=None):
        return self[name][-1] if name in self else usual

    def get_all(self, name):
        return dict.get(self, name, [])


@pytest.fixture
def named(monkeypatch):
    """Puts something into the address."""
    return lambda **values: monkeypatch.setattr(st, "query_params", Address(**values))


@pytest.fixture
def run(stored):
    return open_run(stored())


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ({}, (COMBINED, None)),
        ({"map": COMBINED}, (COMBINED, None)),
        ({"map": "Combined map (recommended)", "layer": "3"}, (COMBINED, None)),  # as former links say it
        ({"layer": "3"}, ("gradient_deviation", 3)),
        ({"map": "One layer", "layer": "3"}, ("gradient_deviation", 3)),
        ({"map": "gradient_deviation", "layer": "5"}, ("gradient_deviation", 5)),
        ({"map": "gradient_deviation", "layer": "99"}, ("gradient_deviation", 0)),
        ({"layer": "99"}, (COMBINED, None)),
        ({"layer": "-1"}, (COMBINED, None)),
        ({"map": "gradcam", "layer": "x"}, (COMBINED, None)),
        ({"map": "<script>"}, (COMBINED, None)),
    ],
)
def test_which_map(named, run, address, shown):
    named(**address)
    found = map_in_address(run)
    assert (found.method, found.layer) == shown


def test_another_method_or_part_is_shown_first_where_it_was_asked_for(named, stored):
    named()
    run = open_run(stored(method="gradcam"))
    found = map_in_address(run)
    assert (found.method, found.layer) == ("gradcam", run.result.recommended_layer)
    named(map=COMBINED)
    assert map_in_address(run).method == COMBINED


def test_what_an_address_says_of_the_drawing(named, run):
    named(layer="3", opacity="0.25", threshold="40", colormap="jet", cells="blocky", veil="even", scale="common")
    view = view_of(run)
    assert (view.opacity, view.threshold, view.colormap, view.smooth, view.even) == (0.25, 0.4, "jet", False, True)
    assert view.maximum == run.result.heat.max()
    named(cells="raw", opacity="0.1", threshold="50")
    view = view_of(run)
    assert (view.opacity, view.threshold, view.smooth, view.even, view.maximum) == (1, 0, False, True, None)


@pytest.mark.parametrize("wrong", ["nan", "inf", "-inf", "", "lots", "\ud800", "1e999"])
def test_what_no_view_can_have_is_passed_over(named, run, wrong):
    names = ("opacity", "threshold", "colormap", "cells", "veil", "scale", "layer", "map", "marks")
    named(**dict.fromkeys(names, wrong))
    view = view_of(run)
    assert (view.opacity, view.threshold, view.colormap, view.even) == (OPACITY, 0, DEFAULT_COLORMAP, False)


def test_what_is_too_large_or_small_is_taken_to_the_end(named, run):
    named(opacity="7", threshold="-3")
    assert (view_of(run).opacity, view_of(run).threshold) == (1, 0)
    named(threshold="100")
    assert view_of(run).threshold == 0.95


def test_marks(named, run, monkeypatch):
    sinks = ((0, 1), (1, 2))
    monkeypatch.setattr(address_view, "sinks_of", lambda run: sinks)
    star = np.ones((8, 9), bool)
    monkeypatch.setattr(sample_scenes, "true_mask", lambda result: star)
    named(layer="3", marks=["uncertainty", "true-place", "sinks", "no-sinks", "others"])
    marks = view_of(run).marks
    cells = as_mask(sinks, run.result.grid)
    assert marks.fade and marks.true_mask is star
    assert np.array_equal(marks.sinks, cells) and np.array_equal(marks.masked, cells)
    named(layer="3")
    assert view_of(run).marks == Marks() or not view_of(run).marks.fade
    other = np.zeros((8, 9), bool)
    monkeypatch.setattr(sample_scenes, "true_mask", lambda result: other)
    assert view_of_words(View(3, marks=marks), run.result).marks.true_mask is other
    assert view_of_words(View(3), run.result).marks.true_mask is None


def test_the_viewer_shows_the_asked_map_first(visit, stored):
    for changes, first in ({}, "combined"), ({"method": "gradcam"}, "gradcam-"), ({"part": "tower"}, "gradient"):
        head = viewer_head(visit("compute", run=stored(**changes)))
        assert head["maps"][head["first"]]["name"].startswith(first)
        assert head["maps"][head["best"]["combined"]]["name"] == "combined"


def test_what_the_browser_tells_of_its_address_is_taken_over(monkeypatch):
    known = {"run": "abc", "layer": "2", "marks": "sinks"}
    monkeypatch.setattr(st, "query_params", known)
    address_view.take_over("?run=other&map=gradcam&layer=5&opacity=0.3&marks=uncertainty&marks=true-place&tab=Trust")
    assert known == {
        "run": "abc",
        "map": ["gradcam"],
        "layer": ["5"],
        "opacity": ["0.3"],
        "marks": ["uncertainty", "true-place"],
    }
    address_view.take_over("?run=abc")
    assert known == {"run": "abc"}
    for wrong in (None, 7, "layer=" + "9" * 5000, {"layer": 3}):
        address_view.take_over(wrong)
        assert known == {"run": "abc"}
