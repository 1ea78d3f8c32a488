"""Maps against maps: what is known by hand, and what must hold for any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.analysis.similarity import STEPS, agreement, similarity, steps
from core.heatmap import rank_correlation

RAMP = np.arange(20.0).reshape(4, 5)
BLANK = np.zeros((4, 5))


def test_a_map_is_like_itself_and_unlike_its_reverse():
    alike = similarity(np.stack([RAMP, -RAMP, RAMP**3]))
    assert alike.rank == pytest.approx(np.array([[1, -1, 1], [-1, 1, -1], [1, -1, 1]]))
    assert alike.overlap == pytest.approx(np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]]))


def test_half_of_the_hottest_in_common():
    other = np.zeros((4, 5))
    other.flat[[0, 19]] = 1  # 19 is among the two hottest of the ramp
    assert similarity(RAMP[None], other[None]).overlap == pytest.approx(0.5)


def test_a_blank_map_has_no_order_and_overlaps_as_by_chance():
    alike = similarity(BLANK[None], RAMP[None])
    assert alike.rank.tolist() == [[0]] and alike.overlap == pytest.approx(0.1)


def test_other_grids_are_refused():
    with pytest.raises(ValueError, match="cannot be compared"):
        similarity(np.ones((1, 2, 3)), np.ones((1, 3, 2)))


@given(arrays(np.float32, (3, 3, 4), elements=st.floats(0, 1e6, width=32)))
def test_the_matrix_is_symmetric_and_agrees_with_one_by_one(heat):
    alike = similarity(heat)
    assert alike.rank == pytest.approx(alike.rank.T) and alike.overlap == pytest.approx(alike.overlap.T)
    assert alike.rank[0, 1] == pytest.approx(rank_correlation(heat[0], heat[1]), abs=1e-9)
    assert alike.overlap.diagonal() == pytest.approx(np.ones(3))


def test_steps_compare_each_layer_with_the_one_before():
    left, right = np.zeros((1, 4)), np.zeros((1, 4))
    left[0, 0] = right[0, 3] = 1
    found = steps(np.stack([left, left, right]))
    assert list(found) == list(STEPS)
    assert found["step_shift"] == pytest.approx([np.nan, 0, 0.75], nan_ok=True)
    assert found["step_overlap"] == pytest.approx([np.nan, 1, 0], nan_ok=True)
    assert found["step_rank"] == pytest.approx([np.nan, 1, -1 / 3], nan_ok=True)


def test_one_layer_has_no_step():
    assert all(np.isnan(values).tolist() == [True] for values in steps(RAMP[None]).values())


def test_many_maps_against_one():
    maps = np.random.default_rng(0).random((3, 2, 4, 5)).astype(np.float32)
    maps[0, 0] = 1
    found = agreement(maps, maps[1, 1])
    wanted = similarity(maps.reshape(6, 4, 5), maps[1, 1][None]).rank.reshape(3, 2)
    np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert found.dtype == np.float32 and found[0, 0] == 0 and found[1, 1] == pytest.approx(1)
    with pytest.raises(ValueError, match="cannot be held against"):
        agreement(maps, maps[0, 0, :2])
