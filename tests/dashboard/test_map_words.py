"""Sentences about a map and about the method that made it."""

import numpy as np
import pytest

from core.schema.methods import METHODS
from dashboard.map_words import BLANK, about_method, in_words, percent


def of(*cells):
    """A map of 10 x 10 cells that is 1 in these and 0.01 elsewhere."""
    heat = np.full((10, 10), 0.01)
    for row, column in cells:
        heat[row, column] = 1
    return heat


def test_a_spot_is_said_with_its_place():
    heat = of(*((row, column) for row in (8, 9) for column in range(5)))  # 10 cells of 1, 90 of 0.01
    assert in_words(heat) == "92 % of the heat lies in the hottest 10 % of the cells, at the lower left."
    assert in_words(heat.T) == "92 % of the heat lies in the hottest 10 % of the cells, at the upper right."


def test_two_spots_are_said_with_both_places_and_more_with_none():
    two = of(*((0, column) for column in range(5)), *((9, column) for column in range(4)))
    share = percent((9 + 0.01) / (9 + 0.91))
    assert (
        in_words(two)
        == f"{share} of the heat lies in the hottest 10 % of the cells, at the upper left and at the lower left."
    )
    four = of((0, 0), (0, 9), (9, 0), (9, 9), (0, 1), (0, 8), (9, 1), (9, 8), (1, 0), (1, 9))
    assert in_words(four).endswith("of the cells, in several places of the picture.")


def test_spread_heat_has_no_place():
    said = "The heat is spread over most of the picture: the hottest 10 % of the cells hold 10 % of it."
    assert in_words(np.ones((10, 10))) == said


def test_a_blank_map_is_said_to_be_blank_whatever_is_true():
    assert in_words(np.zeros((3, 3))) == in_words(np.zeros((3, 3)), np.ones((9, 9), bool)) == BLANK


def test_how_much_hits_the_true_place_is_a_sentence_of_its_own():
    heat = of((0, 0))
    mask = np.zeros((100, 100), bool)
    mask[:10, :10] = True
    said = in_words(heat, mask)
    assert said.startswith(in_words(heat))
    assert said.endswith(" 50 % of all heat lies on the true place, which takes up 1 % of the cells.")  # 1 of 1.99


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0, "0 %"),
        (0.0004, "0.0 %"),
        (0.004, "0.4 %"),
        (0.126, "13 %"),
        (0.994, "99 %"),
        (0.996, "99.6 %"),
        (1, "100 %"),
    ],
)
def test_a_share_is_not_rounded_to_none_or_all(share, words):
    assert percent(share) == words


@pytest.mark.parametrize("method", ["gradcam", "gradcam_plus_plus", "xgradcam", "llava_cam"])
def test_methods_that_average_over_tokens_are_said_to_be_false(method):
    assert about_method(method, "decoder").startswith(f"Maps by {METHODS[method].title} are mostly false in a decoder")
    # The tower's blocks are read at a tap; whatever part is chosen, methods without one read the decoder.
    begin = "are false more often" if METHODS[method].has_tap else "are mostly false in a decoder"
    assert about_method(method, "tower").startswith(f"Maps by {METHODS[method].title} {begin}")


def test_a_diagnostic_is_said_to_be_none_and_of_the_rest_nothing_is_said():
    warned = {"gradcam", "gradcam_plus_plus", "xgradcam", "llava_cam", "activation_peak"}
    assert {name for name in METHODS if about_method(name)} == warned
    assert about_method("activation_peak").startswith("Activation peak explains no answer")
