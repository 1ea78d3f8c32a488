"""Smooth heat: through the values at the centres of cells, without a crease, and never beyond its neighbours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.rendering.interpolation import interpolate

GRIDS = arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(0, 8, width=16))


def slow_curve(values: list[float], place: float) -> float:
    """One piece of a cubic curve, by the formula of Hermite, with slopes by that of Fritsch and Carlson."""

    def slope(at: int) -> float:
        if at in (0, len(values) - 1):
            return 0.0
        before, after = values[at] - values[at - 1], values[at + 1] - values[at]
        return 2 / (1 / before + 1 / after) if before * after > 0 else 0.0

    place = min(max(place, 0.0), len(values) - 1.0)
    first = min(int(place), max(len(values) - 2, 0))
    if len(values) == 1:
        return values[0]
    t = place - first
    return (
        (2 * t**3 - 3 * t**2 + 1) * values[first]
        + (t**3 - 2 * t**2 + t) * slope(first)
        + (3 * t**2 - 2 * t**3) * values[first + 1]
        + (t**3 - t**2) * slope(first + 1)
    )


def slow(heat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The same pixel by pixel: along each row of cells, then down."""
    width, height = size
    rows, columns = heat.shape
    heat = heat.astype(float).tolist()
    across = [[slow_curve(row, (x + 0.5) * columns / width - 0.5) for x in range(width)] for row in heat]
    down = [[slow_curve([row[x] for row in across], (y + 0.5) * rows / height - 0.5) for x in range(width)]
            for y in range(height)]  # fmt: skip
    return np.array(down)


def test_values_worked_out_by_hand():
    # Slopes at 0, 1, 4, 4: the ends 0; at 1 the harmonic mean of 1 and 3, 1.5; at 4 that of 3 and 0, 0.
    found = interpolate(np.array([[0, 1, 4, 4]], np.float32), (8, 1))[0]
    # A quarter and three quarters of the way: t^2 (3 - 2 t) of the step, and t (1 - t)^2 or t^2 (t - 1) of a slope.
    quarter, three = 0.25**2 * 2.5, 0.75**2 * 1.5
    first = [three * 0 + quarter * 1 + 0.25**2 * -0.75 * 1.5, three * 1 + 0.75**2 * -0.25 * 1.5]
    second = [1 + 3 * quarter + 0.25 * 0.75**2 * 1.5, 1 + 3 * three + 0.75 * 0.25**2 * 1.5]
    assert np.allclose(found, [0, *first, *second, 4, 4, 4], atol=1e-6)


@given(GRIDS, st.tuples(st.integers(1, 17), st.integers(1, 17)))
def test_it_is_what_the_slow_one_says(heat, size):
    assert np.allclose(interpolate(heat, size), slow(heat, size), atol=1e-5)


@given(GRIDS)
def test_it_goes_through_the_centres_and_never_beyond_the_cells_around(heat):
    rows, columns = heat.shape
    found = interpolate(heat, (5 * columns, 5 * rows))
    assert np.allclose(found[2::5, 2::5], heat, atol=1e-5)
    padded = np.pad(heat, 1, mode="edge")
    around = np.stack([padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3)])
    most, least = (np.kron(each, np.ones((5, 5))) for each in (around.max(0), around.min(0)))
    assert (found <= most + 1e-5).all() and (found >= least - 1e-5).all()


def test_there_is_no_crease_where_linear_pieces_have_one():
    heat = np.array([[0, 1, 3, 2, 0.5]], np.float32)
    steps = np.diff(interpolate(heat, (5000, 1))[0])
    straight = np.diff(np.interp(np.arange(5000) / 1000 - 0.4995, np.arange(5), heat[0]))
    assert np.abs(np.diff(steps)).max() < 0.01 * np.abs(steps).max()
    assert np.abs(np.diff(straight)).max() > 0.5 * np.abs(straight).max()


@pytest.mark.parametrize("rows", [slice(0, 7), slice(7, 21), slice(20, 99)])
def test_some_rows_are_those_of_the_whole(rows):
    heat = np.random.default_rng(0).random((4, 5), np.float32)
    assert np.array_equal(interpolate(heat, (11, 23), rows), interpolate(heat, (11, 23))[rows])


def test_steps_too_small_for_their_product_make_no_warning():
    assert np.isfinite(interpolate(np.array([[0, 1e-30, 3e-30, 4e-30]], np.float32), (9, 2))).all()
