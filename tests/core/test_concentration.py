"""Statistics of maps whose values are known by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.concentration import STATISTICS, distribution, entropy, gini, progression, top_share

ONE_CELL = np.eye(1, 20).reshape(4, 5)
UNIFORM = np.full((4, 5), 3.0)
BLANK = np.zeros((4, 5))
TWO_EQUAL = np.array([[1.0, 0.0], [0.0, 1.0]])


def test_one_cell():
    assert entropy(ONE_CELL) == 0 and top_share(ONE_CELL) == 1
    assert gini(ONE_CELL) == pytest.approx(1 - 1 / 20)


@pytest.mark.parametrize("heat", [UNIFORM, BLANK, -UNIFORM], ids=["uniform", "blank", "negative"])
def test_no_preference(heat):
    assert entropy(heat) == pytest.approx(1) and gini(heat) == pytest.approx(0, abs=1e-12)
    assert top_share(heat) == pytest.approx(0.1)


def test_two_equal_cells_of_four():
    assert entropy(TWO_EQUAL) == pytest.approx(0.5)  # log 2 / log 4
    assert gini(TWO_EQUAL) == pytest.approx(0.5)
    assert top_share(TWO_EQUAL) == pytest.approx(0.2)  # 0.4 of a cell that holds one half


def test_a_ramp():
    # p = (1, 2, 3, 4) / 10; Gini = sum over pairs of |p_i - p_j| / (2 N) = 2 (1+2+3+1+2+1) / 10 / 8.
    ramp = np.array([[4.0, 2.0], [3.0, 1.0]])
    assert gini(ramp) == pytest.approx(0.25)
    assert entropy(ramp) == pytest.approx(-sum(p * np.log(p) for p in (0.1, 0.2, 0.3, 0.4)) / np.log(4))
    assert top_share(ramp, 0.5) == pytest.approx(0.7)


def test_one_cell_in_all():
    assert entropy(np.ones((1, 1))) == 0 and gini(np.ones((1, 1))) == 0


@given(arrays(np.float32, (3, 4), elements=st.floats(0, 1e6, width=32)), st.floats(0.01, 1000))
def test_ranges_hold_and_scale_does_not_matter(heat, scale):
    assert 0 <= entropy(heat) <= 1 and 0 <= gini(heat) <= 1 and 0.1 - 1e-9 <= top_share(heat) <= 1 + 1e-9
    scaled = heat.astype(np.float64) * scale
    assert gini(scaled) == pytest.approx(gini(heat), abs=1e-9)
    assert distribution(heat).sum() == pytest.approx(1)


def test_progression_has_a_value_per_layer_and_statistic():
    values = progression(np.stack([ONE_CELL, UNIFORM]))
    assert list(values) == list(STATISTICS)
    assert values["entropy"].tolist() == pytest.approx([0, 1])
