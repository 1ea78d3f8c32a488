"""A against B: which two, what their difference is, and where there is none."""

from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.services.open import open_run
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.pair import difference_of, pair_panes, why_no_difference
from tests.dashboard.pages import sentences


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


def test_panes_hold_both_maps_and_the_difference_of_their_shares(stored):
    first, second = lettered([open_run(stored(prompt="one?")), open_run(stored(prompt="two?"))])
    panes, numbers = pair_panes(first, second, 4, "share")
    assert [pane.title for pane in panes] == ["A, layer 4", "B, layer 4", "A less B"]
    assert [pane.is_difference for pane in panes] == [False, False, True]
    # Layer 4: 4.1 in two of six cells and 0.1 in the others, over their mean.
    mean = (2 * 4.1 + 4 * 0.1) / 6
    assert numbers["A"][0] == pytest.approx([0.1 / mean, 0.1 / mean, 4.1 / mean], rel=1e-5)
    assert not numbers["difference"].any()
    panes, numbers = pair_panes(first, second, None, None)
    assert len(panes) == 2 and numbers == {}
