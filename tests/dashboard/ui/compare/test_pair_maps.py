"""What the difference of two runs' maps is, for the page and for files, and where there is none."""

from types import SimpleNamespace

import numpy as np
import pytest

from dashboard.services.open import open_run
from dashboard.ui.compare.map_choice import choices_for
from dashboard.ui.compare.measures import lettered
from dashboard.ui.compare.pair_maps import pair_panes, pair_reel, why_no_difference
from tests.dashboard.ui.drawing.test_panes import unreel


def test_different_pictures_have_no_difference_and_the_reason_is_said():
    runs = [lettered_run("A", "a" * 64), lettered_run("B", "b" * 64)]
    assert "different pictures" in why_no_difference(*runs)
    assert why_no_difference(runs[0], lettered_run("C", "a" * 64)) is None


def lettered_run(letter, image):
    return SimpleNamespace(letter=letter, run=SimpleNamespace(request=SimpleNamespace(image=image)))


def test_panes_hold_both_maps_and_the_difference_of_their_shares(stored):
    first, second = lettered([open_run(stored(prompt="one?")), open_run(stored(prompt="two?"))])
    panes, numbers = pair_panes(first, second, 4, "share")
    assert [pane.title for pane in panes] == ["A, layer 4", "B, layer 4", "A less B"]
    assert [pane.is_difference for pane in panes] == [False, False, True]
    # Layer 4: 4.1 in two of six cells and 0.1 in the others, over their mean.
    mean = (2 * 4.1 + 4 * 0.1) / 6
    assert numbers["A"][0] == pytest.approx([0.1 / mean, 0.1 / mean, 4.1 / mean], rel=1e-5)
    assert not numbers["difference"].any()
    panes, numbers = pair_panes(first, second, "combined", None)
    assert len(panes) == 2 and numbers == {}


def test_two_methods_of_one_question_have_a_difference_at_first(stored_by_method):
    two = lettered([open_run(stored_by_method()), open_run(stored_by_method(method="gradcam"))])
    first = choices_for(two)[0]
    panes, numbers = pair_panes(*two, first, "share")
    assert [pane.title for pane in panes[:2]] == ["A, combined map", "B, Grad-CAM (as in the original), layer 2"]
    # Layer 2 has 2.1 of heat in the right one of three columns and 0.1 elsewhere, the combined map 4.1 in the left one.
    left, right = np.array([4.1, 0.1, 0.1]), np.array([0.1, 0.1, 2.1])
    assert numbers["difference"][0] == pytest.approx(left / left.mean() - right / right.mean(), rel=1e-5)
    assert panes[0].unit == "logits x activation" and panes[1].unit == "logits"


def test_the_browser_is_sent_the_difference_that_is_taken_away(stored_by_method):
    two = lettered([open_run(stored_by_method()), open_run(stored_by_method(method="gradcam"))])
    choices = ("asked", "combined", 5)
    _, packets = unreel(pair_reel(*two, choices, "share"))
    told, _, numbers = packets[2]
    for number, choice in enumerate(choices):
        _, taken = pair_panes(*two, choice, "share")
        drawn = numbers.reshape(3, 2, 3)[number] * told["maps"][number]["top"]
        assert np.allclose(drawn, taken["difference"], atol=1e-3 * told["maps"][number]["top"])
    assert told["maps"][0]["top"] > 0.1


def test_heat_of_two_units_is_told_as_shares_where_other_maps_are_raw(stored_by_method):
    two = lettered([open_run(stored_by_method()), open_run(stored_by_method(method="attention"))])
    _, packets = unreel(pair_reel(*two, ("combined", 2), "raw"))
    assert [each["unit"] for each in packets[2][0]["maps"]] == ["logits x activation", "heat over that of an even map"]


def test_runs_about_different_pictures_are_seen_beside_each_other_without_a_difference(stored):
    two = lettered([open_run(stored()), open_run(stored(prompt="again?"))])
    head, packets = unreel(pair_reel(*two, (4,), None))
    assert len(packets) == 2 and not head["swipes"]
