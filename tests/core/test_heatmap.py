"""Operations on heat maps by hand, and rank correlation against ranks that are counted."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.heatmap import (
    cell_centres,
    common_grid,
    difference,
    distribution,
    on_grid,
    per_even_cell,
    rank_correlation,
    ranks,
)


def test_a_distribution_by_hand():
    assert distribution(np.array([[3.0, 1.0], [-5.0, 4.0]])).tolist() == [0.375, 0.125, 0, 0.5]
    both = distribution(np.array([[[0.0, 0.0]], [[1.0, 3.0]]]))  # a blank map is taken for an even one
    assert both.tolist() == [[0.5, 0.5], [0.25, 0.75]]
    assert distribution(np.array([[1e308, 1e308], [0, 1e308]])).tolist() == pytest.approx([1 / 3, 1 / 3, 0, 1 / 3])
    assert distribution(np.array([[5e-324, 0.0]])).tolist() == [1, 0]


def test_centres_of_cells_are_counted_row_by_row():
    x, y = cell_centres((2, 4))
    assert x.tolist() == [0.125, 0.375, 0.625, 0.875] * 2
    assert y.tolist() == [0.25] * 4 + [0.75] * 4


def test_ranks_by_hand():
    assert ranks(np.array([0.5, -2, 9, 0.75])).tolist() == [2, 1, 4, 3]
    assert ranks(np.array([3.0, 1, 3, 3, 1])).tolist() == [4, 1.5, 4, 4, 1.5]
    assert ranks(np.array([7.0])).tolist() == [1] and ranks(np.array([])).tolist() == []


def test_correlation_by_hand():
    # Ranks 1 2 3 4 and 2 1 4 3: 1 - 6 * (1 + 1 + 1 + 1) / (4 * 15) = 0.6
    assert rank_correlation(np.array([[1.0, 2], [3, 4]]), np.array([[20.0, 10], [400, 30]])) == pytest.approx(0.6)
    # Ranks 1.5 1.5 3 and 1 2 3, less 2: (0.5 + 0 + 1) / sqrt(1.5 * 2)
    assert rank_correlation(np.array([0.0, 0, 5]), np.array([1.0, 2, 3])) == pytest.approx(1.5 / math.sqrt(3))


def test_only_the_order_counts():
    heat = np.array([[0.1, 5.0, 2.0], [0.0, 0.3, 4.0]])
    assert rank_correlation(heat, np.exp(heat) * 1e-20) == pytest.approx(1, abs=1e-15)
    assert rank_correlation(heat, -(heat**3)) == pytest.approx(-1, abs=1e-15)


@pytest.mark.parametrize("constant", [np.zeros((2, 3)), np.full((2, 3), 7.5)])
def test_a_constant_map_agrees_with_nothing(constant):
    heat = np.arange(6.0).reshape(2, 3)
    assert rank_correlation(constant, heat) == rank_correlation(heat, constant) == 0
    assert rank_correlation(constant, constant) == rank_correlation(np.ones((1, 1)), np.ones((1, 1))) == 0


def test_what_is_no_number_counts_as_no_heat():
    heat = np.array([[5.0, 2.0, 3.0], [0.0, 0.0, 0.0]])
    for nothing in (np.nan, np.inf, -np.inf):
        broken = np.where(heat == 3, nothing, heat)
        assert rank_correlation(broken, heat) == rank_correlation(np.where(heat == 3, 0, heat), heat)


def test_maps_of_different_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 3\) and \(3, 2\) cannot be compared"):
        rank_correlation(np.zeros((2, 3)), np.zeros((3, 2)))


def slow_correlation(a, b):
    """Pearson's correlation of ranks, each found by counting who is smaller and who is equal."""

    def counted(values):
        return [sum(y < x for y in values) + (sum(y == x for y in values) + 1) / 2 for x in values]

    first, second = counted(a), counted(b)
    mean = (len(a) + 1) / 2
    together = sum((x - mean) * (y - mean) for x, y in zip(first, second, strict=True))
    alone = [math.sqrt(sum((x - mean) ** 2 for x in each)) for each in (first, second)]
    return together / math.prod(alone) if all(alone) else 0.0


# Few distinct values, so that ties are common.
PAIRS = st.lists(st.tuples(st.integers(-3, 3), st.integers(0, 20)), min_size=1, max_size=12)


@given(PAIRS)
def test_equals_the_slow_count(pairs):
    a, b = (list(values) for values in zip(*pairs, strict=True))
    got = rank_correlation(np.array(a, np.float32), np.array(b, np.float32))
    assert got == pytest.approx(slow_correlation(a, b), abs=1e-12)
    assert -1 <= got <= 1 and got == rank_correlation(np.array(b), np.array(a))


def test_maps_of_two_grids_come_to_the_finer_one_and_stay_in_their_range():
    assert common_grid((2, 9), (4, 3)) == (4, 9)
    coarse = np.array([[[0.0, 1.0]]], np.float32)
    fine = on_grid(coarse, (2, 4))
    assert fine.shape == (1, 2, 4)
    assert fine[0, 0] == pytest.approx([0, 0.25, 0.75, 1])
    assert on_grid(coarse, (1, 2)) is coarse


def test_heat_in_units_of_an_even_map():
    assert per_even_cell(np.array([[1.0, 3.0]])).tolist() == [[0.5, 1.5]]
    assert per_even_cell(np.zeros((4, 5))).tolist() == np.ones((4, 5)).tolist()


def test_the_difference_of_two_grids_is_on_the_finer_one():
    coarse, fine = np.array([[1.0, 3.0]], np.float32), np.array([[0, 0, 2, 2]] * 2, np.float32)
    framed, found = difference(coarse, fine, "raw")
    assert found.shape == (2, 4)
    assert found[0] == pytest.approx([1, 1.5, 0.5, 1])
    framed, found = difference(coarse * 7, fine * 1000, "share")
    assert [each.mean() for each in framed] == pytest.approx([1, 1])
    assert found.sum() == pytest.approx(0)


@given(arrays(np.float32, (3, 4), elements=st.floats(0, 1e6, width=32)))
def test_a_distribution_sums_to_one(heat):
    assert distribution(heat).sum() == pytest.approx(1)
