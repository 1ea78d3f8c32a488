"""Scores of maps against objects: figures known by hand, slow forms written out, and what may not matter."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.evaluation.benchmark.metrics import (
    METRICS,
    auc,
    best_iou,
    energy,
    f1_iou,
    func_iou,
    obj_iou,
    otsu,
    pointing,
)
from tests.some import some

CELLS = np.array([[True, True, False], [False, False, False]])
HEAT = np.array([[5.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
BLANK = np.zeros((2, 3))
ALL, NONE = np.full((2, 3), True), np.full((2, 3), False)

whole = arrays(np.int64, (3, 4), elements=st.integers(0, 6))  # few values, hence many ties
objects = arrays(bool, (3, 4))


def test_a_map_by_hand():
    assert pointing(HEAT, CELLS) == 1
    assert energy(HEAT, CELLS) == pytest.approx(7 / 10)
    assert auc(HEAT, CELLS) == pytest.approx(7 / 8)  # of 2 x 4 pairs only (2, 3) is the wrong way round
    assert best_iou(HEAT, CELLS) == pytest.approx(2 / 3)  # 5, 3, 2 against 5, 2
    assert otsu(HEAT) == 0  # {5, 2, 3} against {0, 0, 0}: 3 * 3 * (10/3)^2 = 100; {5} against the rest: 80
    assert obj_iou(HEAT, CELLS) == pytest.approx(2 / 3)
    assert obj_iou(HEAT, CELLS, 3) == pytest.approx(1 / 2)  # only what is hotter than 3


@pytest.mark.parametrize("blank", [BLANK, np.full((2, 3), np.nan), np.full((2, 3), np.inf)], ids=["0", "nan", "inf"])
def test_a_blank_map_scores_as_blind_choice_does(blank):
    assert pointing(blank, CELLS) == pytest.approx(1 / 3) == best_iou(blank, CELLS)
    assert energy(blank, CELLS) == 0 == obj_iou(blank, CELLS)
    assert auc(blank, CELLS) == 0.5


def test_a_constant_map_scores_as_blind_choice_does():
    constant = np.full((2, 3), 7.0)
    assert pointing(constant, CELLS) == pytest.approx(1 / 3) == energy(constant, CELLS)
    assert auc(constant, CELLS) == 0.5
    assert best_iou(constant, CELLS) == pytest.approx(1 / 3) == obj_iou(constant, CELLS)


def test_an_object_everywhere_or_nowhere():
    scores = {name: [function(HEAT, cells) for cells in (ALL, NONE)] for name, (function, _) in METRICS.items()}
    assert scores == {
        "pointing": [1, 0],
        "energy": [1, 0],
        "auc": [0.5, 0.5],
        "best_iou": [1, 0],
        "obj_iou": [0.5, 0],
    }


def test_one_cell():
    one, on = np.ones((1, 1)), np.full((1, 1), True)
    assert pointing(one, on) == energy(one, on) == best_iou(one, on) == obj_iou(one, on) == 1
    assert auc(one, on) == 0.5


def test_several_hottest_cells_count_in_part():
    assert pointing(np.array([[4.0, 0.0, 4.0], [4.0, 0.0, 0.0]]), CELLS) == pytest.approx(1 / 3)


def test_what_is_no_number_counts_as_no_heat():
    broken = np.where(HEAT == 3, np.nan, HEAT)
    mended = np.where(HEAT == 3, 0, HEAT)
    for function, _ in METRICS.values():
        assert function(broken, CELLS) == function(mended, CELLS)


def test_all_heat_on_the_object_is_not_more_than_1():
    heat, cells = np.zeros((3, 4)), np.full((3, 4), True)
    heat[0, 0], heat[0, 2], heat[1, 1] = 2, 3, 1
    cells[0, 3] = cells[1, 0] = False
    assert energy(heat, cells) == 1  # sums in another order may differ in the last digit


def test_negative_heat_is_no_energy():
    assert energy(np.array([[2.0, -5.0, 2.0], [0.0, 0.0, 0.0]]), CELLS) == pytest.approx(0.5)
    assert energy(-HEAT, CELLS) == 0


@pytest.mark.parametrize("function", [function for function, _ in METRICS.values()], ids=list(METRICS))
def test_heat_and_cells_of_different_grids_are_refused(function):
    with pytest.raises(ValueError, match="one grid"):
        function(HEAT.T, CELLS)


@given(whole, objects)
def test_auc_is_the_pairwise_probability(heat, cells):
    on, off = heat[cells], heat[~cells]
    pairs = [(a > b) + 0.5 * (a == b) for a in on for b in off]
    assert auc(heat, cells) == pytest.approx(np.mean(pairs) if pairs else 0.5)


@given(whole, objects)
def test_best_iou_is_the_best_over_all_thresholds(heat, cells):
    ious = [((heat >= t) & cells).sum() / ((heat >= t) | cells).sum() for t in np.unique(heat)]
    assert best_iou(heat, cells) == pytest.approx(max(ious))
    assert best_iou(heat, cells) >= obj_iou(heat, cells) - 1e-12 or not (heat > otsu(heat)).any()


@given(whole, objects)
def test_order_alone_decides(heat, cells):
    bent = heat.astype(float) ** 3 + 2 * heat + 1  # strictly increasing and exact
    for function in (pointing, auc, best_iou):
        assert function(bent, cells) == function(heat, cells)


@given(whole, objects, st.sampled_from([1e-300, 1e-6, 0.5, 1e6, 1e300]))
def test_scale_does_not_matter_and_scores_lie_in_0_to_1(heat, cells, scale):
    for function, _ in METRICS.values():
        assert 0 <= function(heat, cells) <= 1
        assert function(heat * scale, cells) == pytest.approx(function(heat, cells))


@given(whole, objects)
def test_where_cells_lie_does_not_matter(heat, cells):
    turned = np.random.default_rng(0).permutation(12)
    for function, _ in METRICS.values():
        moved = function(heat.ravel()[turned].reshape(3, 4), cells.ravel()[turned].reshape(3, 4))
        assert moved == pytest.approx(function(heat, cells))


@given(arrays(np.uint8, (5, 6)))
def test_otsu_is_opencvs_on_levels(heat):
    """Where several thresholds are equally good, rounding decides in OpenCV: the spread must be the same."""

    def spread(t):
        hot, cold = heat[heat > t].astype(float), heat[heat <= t].astype(float)
        return len(hot) * len(cold) * (hot.mean() - cold.mean()) ** 2 if len(hot) and len(cold) else 0.0

    theirs, _ = cv2.threshold(heat, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    assert spread(otsu(heat)) == pytest.approx(spread(theirs), rel=1e-6)
    assert spread(otsu(heat)) == pytest.approx(max(spread(t) for t in range(256)))


@pytest.mark.parametrize("seed", range(5))
def test_obj_iou_is_tams_on_levels(seed):
    random = np.random.default_rng(seed)
    heat, cells = (255 * random.random((24, 36)) ** 3).astype(np.uint8), random.random((24, 36)) < 0.3
    threshold, lit = cv2.threshold(heat, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    assert otsu(heat) == threshold
    assert obj_iou(heat, cells) == pytest.approx(((lit > 0) & cells).sum() / ((lit > 0) | cells).sum())


def test_otsu_takes_the_lowest_of_equal_thresholds():
    for scale in some(np.random.default_rng(0).random(200)):
        assert otsu(scale * np.array([[0, 1, 1, 2]])) == 0  # 0 | 1 1 2 is as good as 0 1 1 | 2


@pytest.mark.parametrize("level", [0, 7])
def test_otsu_of_a_constant_map_is_opencvs(level):
    heat = np.full((3, 4), level, np.uint8)
    assert otsu(heat) == cv2.threshold(heat, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0] == 0


def test_func_iou_is_the_share_that_stays_dark():
    assert func_iou(HEAT, 3) == pytest.approx(4 / 6)  # 3 itself is not below 3
    assert func_iou(BLANK, 0.1) == 1 and func_iou(BLANK, 0) == 0
    assert func_iou(np.array([[np.nan, 1.0]]), 0.5) == 0.5


def test_f1_iou_is_the_harmonic_mean():
    assert f1_iou(0.274, 0.684) == pytest.approx(0.391, abs=5e-4)  # figures published for TAM
    assert f1_iou(0, 0) == 0 and f1_iou(0, 1) == 0 and f1_iou(1, 1) == 1
