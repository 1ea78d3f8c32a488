"""Every measure of one map and one object, against values worked out by hand."""

import numpy as np
import pytest

from core.evaluation.protocol.blind import BLIND, blind_maps
from core.evaluation.protocol.figures import MEASURES
from core.evaluation.protocol.measures import Truth, box_around, measured, soft_iou
from tests.some import some


def named(heat: np.ndarray, truth: Truth) -> dict[str, float]:
    return dict(zip(MEASURES, measured(heat, truth), strict=True))


def test_points_are_centres_of_cells_on_pixels_and_in_the_box():
    # Cells of 4 x 4 pixels; the object is an L whose box holds the centre of a cell that is none of its pixels.
    mask = np.zeros((8, 8), bool)
    mask[0:8, 0:3] = mask[6:8, 0:7] = True
    truth = Truth.of(mask, None, (2, 2))
    assert np.array_equal(truth.in_box, [[True, True], [True, True]])
    assert np.array_equal(truth.on_mask, [[True, False], [True, True]])
    heat = np.array([[0.0, 1.0], [0.0, 0.0]])
    found = named(heat, truth)
    assert (found["pointing_box"], found["pointing_mask"]) == (1.0, 0.0)
    assert named(heat, Truth.of(mask, (0, 0, 3, 8), (2, 2)))["pointing_box"] == 0.0  # the data's own box counts


def test_a_box_is_half_open_and_around_all_pixels():
    mask = np.zeros((10, 20), bool)
    mask[2:5, 7:11] = True
    assert box_around(mask) == (7.0, 2.0, 11.0, 5.0)
    assert box_around(np.zeros((3, 3), bool)) == (0.0, 0.0, 0.0, 0.0)
    edge = Truth.of(mask, (5.0, 5.0, 15.0, 10.0), (2, 2))  # centres of cells at x 5, 15 and y 2.5, 7.5
    assert np.array_equal(edge.in_box, [[False, False], [True, False]])


def test_soft_overlap_is_the_lower_over_the_higher():
    heat, share = np.array([[2.0, 1.0]]), np.array([[1.0, 0.25]])
    assert soft_iou(heat, share) == pytest.approx((1.0 + 0.25) / (1.0 + 0.5))
    assert soft_iou(np.zeros((1, 2)), share) == 0.0
    assert soft_iou(np.array([[np.nan, -3.0]]), share) == 0.0
    assert soft_iou(share, share) == 1.0


def test_a_map_of_the_object_itself_is_right_by_every_measure():
    mask = np.zeros((40, 40), bool)
    mask[10:20, 20:30] = True
    found = named(mask.astype(float)[5::10, 5::10], Truth.of(mask, None, (4, 4)))
    assert all(found[name] == 1.0 for name in some(MEASURES) if not name.startswith("obj_iou"))
    assert found["obj_iou"] > 0.5  # a cell that is scaled to pixels has no sharp border


def test_blind_maps_score_what_chance_does():
    mask = np.zeros((40, 40), bool)
    mask[:20, :20] = True
    truth = Truth.of(mask, None, (4, 4))
    maps = blind_maps((4, 4), seed=1)
    assert list(maps) == list(BLIND)
    uniform = named(maps["uniform"][0], truth)
    assert {uniform[name] for name in some(("pointing", "pointing_mask", "pointing_box", "energy", "soft_iou"))} == {
        0.25
    }
    assert uniform["auc"] == 0.5 and uniform["obj_iou"] == pytest.approx(0.25)
    centre = maps["centre"][0]
    assert np.allclose(centre, centre[::-1, ::-1]) and centre[1, 1] > centre[0, 1] > centre[0, 0]
    again = blind_maps((4, 4), seed=1)
    assert np.array_equal(maps["random"], again["random"])
    assert not np.array_equal(maps["random"], blind_maps((4, 4), seed=2)["random"])
