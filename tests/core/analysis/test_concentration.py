"""Statistics of maps whose values are known by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.analysis.concentration import HEADLINE, STATISTICS, effective_area, entropy, gini, progression, top_share
from tests.core.analysis.maps import BLANK, MAPS, ONE_CELL, TWO_BLOBS, TWO_EQUAL, UNIFORM
from tests.some import some


def test_one_cell():
    assert entropy(ONE_CELL) == 0 and top_share(ONE_CELL) == 1
    assert gini(ONE_CELL) == pytest.approx(1 - 1 / 20)
    assert effective_area(ONE_CELL) == pytest.approx(1 / 20)


@pytest.mark.parametrize("heat", [UNIFORM, BLANK, -UNIFORM], ids=["uniform", "blank", "negative"])
def test_no_preference(heat):
    assert entropy(heat) == pytest.approx(1) and gini(heat) == pytest.approx(0, abs=1e-12)
    assert top_share(heat) == pytest.approx(0.1) and effective_area(heat) == pytest.approx(1)


def test_two_equal_cells_of_four():
    assert entropy(TWO_EQUAL) == pytest.approx(0.5)  # log 2 / log 4
    assert gini(TWO_EQUAL) == pytest.approx(0.5)
    assert top_share(TWO_EQUAL) == pytest.approx(0.2)  # 0.4 of a cell that holds one half
    assert effective_area(TWO_EQUAL) == pytest.approx(0.5)


def test_two_blobs():
    # 4 cells of 1/8 and 2 cells of 1/4.
    assert effective_area(TWO_BLOBS) == pytest.approx(np.exp(0.5 * np.log(8) + 0.5 * np.log(4)) / 60)


def test_a_ramp():
    # p = (1, 2, 3, 4) / 10; Gini = sum over pairs of |p_i - p_j| / (2 N) = 2 (1+2+3+1+2+1) / 10 / 8.
    ramp = np.array([[4.0, 2.0], [3.0, 1.0]])
    assert gini(ramp) == pytest.approx(0.25)
    assert entropy(ramp) == pytest.approx(-sum(p * np.log(p) for p in (0.1, 0.2, 0.3, 0.4)) / np.log(4))
    assert top_share(ramp, 0.5) == pytest.approx(0.7)


def test_one_cell_in_all():
    assert entropy(np.ones((1, 1))) == 0 and gini(np.ones((1, 1))) == 0
    assert all(np.isfinite(value) for value in progression(np.ones((1, 1))).values())


@given(MAPS, st.floats(0.01, 1000))
def test_ranges_hold_and_scale_does_not_matter(heat, scale):
    assert 0 <= entropy(heat) <= 1 and 0 <= gini(heat) <= 1 and 0.1 - 1e-9 <= top_share(heat) <= 1 + 1e-9
    assert 1 / 12 - 1e-9 <= effective_area(heat) <= 1
    scaled = heat.astype(np.float64) * scale
    assert gini(scaled) == pytest.approx(gini(heat), abs=1e-9)


@given(MAPS)
def test_a_mirrored_map_has_its_centre_mirrored_and_all_else_the_same(heat):
    here, there = progression(heat), progression(heat[:, ::-1])
    assert there["centre_x"] == pytest.approx(1 - here["centre_x"])
    for name in (*HEADLINE, "effective_area", "spread", "centre_y", "regions", "largest_region", "peak"):
        assert there[name] == pytest.approx(here[name], abs=1e-7)


@given(MAPS)
def test_no_map_gives_anything_but_numbers(heat):
    assert all(np.isfinite(value) for value in progression(heat).values())


def test_progression_has_a_value_per_layer_and_statistic():
    values = progression(np.stack([ONE_CELL, UNIFORM]))
    assert list(values) == list(STATISTICS) and list(STATISTICS)[:3] == list(HEADLINE)
    assert values["entropy"].tolist() == pytest.approx([0, 1])
    assert all(value.shape == (2,) for value in values.values())


def test_layers_at_once_are_what_they_are_one_by_one():
    heat = np.random.default_rng(0).random((2, 3, 5, 7))
    at_once = progression(heat)
    for name, values in some(at_once.items()):
        alone = [[progression(each)[name] for each in row] for row in heat]
        assert values == pytest.approx(np.array(alone)), name
