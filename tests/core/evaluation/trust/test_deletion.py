"""Orders of removal and areas under curves: small cases by hand, and what random orders must hold."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.evaluation.trust.deletion import area, centre_rankings, masks, random_rankings, ranking, steps


def test_hottest_first():
    order = ranking(np.array([[1.0, 4.0], [3.0, 2.0]]))
    assert order.tolist() == [1, 2, 3, 0] and order.dtype == np.int64


def test_what_is_no_number_is_no_heat():
    assert ranking(np.array([[np.nan, 4.0], [3.0, -1.0]])).tolist() == [1, 2, 0, 3]


@given(arrays(np.float32, (3, 4), elements=st.floats(0, 3, width=32)), st.integers(0, 5))
def test_every_cell_once_and_never_hotter_later(heat, seed):
    order = ranking(heat, seed)
    assert sorted(order) == list(range(12))
    assert (np.diff(heat.ravel()[order]) <= 0).all()
    assert (ranking(heat, seed) == order).all()


def test_ties_have_no_reading_order():
    first = [ranking(np.zeros((4, 5)), seed)[0] for seed in range(2000)]
    counts = np.bincount(first, minlength=20)
    assert counts.min() > 60 and counts.max() < 140  # 100 each, standard deviation 10


def test_random_orders_are_orders_and_all_differ():
    orders = random_rankings(30, 50, seed=1)
    assert orders.shape == (50, 30) and orders.dtype == np.int64
    assert (np.sort(orders, axis=1) == np.arange(30)).all()
    assert len({tuple(order) for order in orders}) == 50
    assert (orders == random_rankings(30, 50, seed=1)).all() and (orders != random_rankings(30, 50, seed=2)).any()


def test_centre_orders_begin_with_a_cell_as_often_as_it_weighs():
    grid, count = (4, 6), 40_000
    orders = centre_rankings(grid, count, seed=2)
    assert orders.shape == (count, 24) and orders.dtype == np.int64
    assert (np.sort(orders[:100], axis=1) == np.arange(24)).all()
    y, x = (np.arange(4) + 0.5) - 2, (np.arange(6) + 0.5) - 3
    weight = np.exp(-(y[:, None] ** 2) / 2 - x**2 / (2 * 1.5**2)).ravel()  # a quarter of 4 and of 6
    expected = weight / weight.sum()
    assert np.bincount(orders[:, 0], minlength=24) / count == pytest.approx(expected, abs=0.01)
    # The second cell is drawn from what is left, in the same proportions.
    after = orders[orders[:, 0] == 8, 1]
    left = np.where(np.arange(24) == 8, 0, weight)
    assert np.bincount(after, minlength=24) / len(after) == pytest.approx(left / left.sum(), abs=0.03)


def test_a_grid_of_one_row():
    assert sorted(centre_rankings((1, 3), 1)[0]) == [0, 1, 2]
    assert ranking(np.ones((1, 1))).tolist() == [0] == random_rankings(1, 1)[0].tolist()


def test_steps_by_hand():
    assert steps(10, 4).tolist() == [0, 2, 5, 7, 10]
    assert steps(3, 10).tolist() == [0, 1, 2, 3]
    assert steps(1, 1).tolist() == [0, 1] and steps(5, 2).dtype == np.int64


@given(st.integers(1, 2000), st.integers(1, 300))
def test_steps_are_even(cells, count):
    found = steps(cells, count)
    assert found[0] == 0 and found[-1] == cells and len(found) == min(cells, count) + 1
    assert np.diff(found).min() >= 1 and np.ptp(np.diff(found)) <= 1


@pytest.mark.parametrize(("cells", "count"), [(0, 3), (3, 0)])
def test_no_steps_are_refused(cells, count):
    with pytest.raises(ValueError, match="at least 1"):
        steps(cells, count)


def test_masks_by_hand():
    removed = masks(np.array([[2, 0, 1], [1, 2, 0]]), np.array([0, 1, 3]))
    assert removed.dtype == bool
    assert removed.astype(int).tolist() == [
        [[0, 0, 0], [0, 0, 1], [1, 1, 1]],
        [[0, 0, 0], [0, 1, 0], [1, 1, 1]],
    ]


@given(st.integers(1, 40), st.integers(1, 10), st.integers(0, 3))
def test_masks_remove_the_first_cells_of_each_order(cells, count, seed):
    orders, numbers = random_rankings(cells, 3, seed), steps(cells, count)
    removed = masks(orders, numbers)
    assert (removed.sum(-1) == numbers).all()
    for order, by_step in zip(orders, removed, strict=True):
        for number, mask in zip(numbers, by_step, strict=True):
            assert set(np.flatnonzero(mask)) == set(order[:number])
    # Insertion: the coolest removed first leaves what deletion has removed, and the other way round.
    assert (masks(orders[:, ::-1], cells - numbers[::-1])[:, ::-1] == ~removed).all()


def test_area_by_hand():
    assert area(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 0.5
    # 0.25 * (1 + 0.2) / 2 + 0.75 * (0.2 + 0) / 2
    assert area(np.array([1.0, 0.2, 0.0]), np.array([0.0, 0.25, 1.0])) == pytest.approx(0.225)
    curves = np.stack([np.ones((2, 3)), np.zeros((2, 3))])
    assert area(curves, np.array([0.0, 0.5, 1.0])).tolist() == [[1, 1], [0, 0]]


@given(arrays(float, 4, elements=st.floats(-5, 5)), st.floats(0.1, 3), st.floats(-3, 3))
def test_area_is_linear(curve, scale, shift):
    fractions = np.array([0, 0.1, 0.7, 1])
    assert area(scale * curve + shift, fractions) == pytest.approx(scale * area(curve, fractions) + shift, abs=1e-9)
