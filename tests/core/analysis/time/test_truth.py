"""Maps of videos against a known truth."""

import numpy as np
import pytest

from core.analysis.time.truth import cells_over_time, energy_over_time, pointing_over_time, right_time, steps_of_frames
from core.errors import InputError
from core.schema.time_steps import TimeStep

CELLS = np.zeros((3, 2, 2), bool)
CELLS[1, 0, 1] = CELLS[2, 1, 1] = True


def test_the_right_place_at_the_wrong_time_is_wrong():
    heat = np.zeros((3, 2, 2))
    heat[0, 0, 1], heat[1, 0, 1], heat[2, 0, 0] = 5, 3, 2
    assert pointing_over_time(heat, CELLS) == 0
    assert energy_over_time(heat, CELLS) == pytest.approx(0.3)
    assert right_time(heat, CELLS) == pytest.approx(0.5)


def test_the_right_place_at_the_right_time():
    assert pointing_over_time(CELLS.astype(float), CELLS) == 1
    assert energy_over_time(CELLS.astype(float), CELLS) == right_time(CELLS.astype(float), CELLS) == 1


def test_a_blank_map_is_a_blind_one():
    blank = np.zeros((3, 2, 2))
    assert pointing_over_time(blank, CELLS) == pytest.approx(2 / 12)
    assert energy_over_time(blank, CELLS) == right_time(blank, CELLS) == 0


def test_pixels_become_cells_step_by_step():
    mask = np.zeros((2, 4, 6), bool)
    mask[0, :2, :2] = mask[1, 3, 5] = True
    # A pixel is a quarter of the cell below right, in a grid of 2 x 3.
    assert np.argwhere(cells_over_time(mask, (2, 3))).tolist() == [[0, 0, 0], [1, 1, 2]]


def test_frames_become_steps():
    mask = np.zeros((5, 1, 4), bool)
    mask[np.arange(4), 0, np.arange(4)] = True
    steps = (TimeStep(0.0, 1.0), TimeStep(1.0, 2.0), TimeStep(2.0, 2.5))
    found = steps_of_frames(mask, np.array([0, 0.5, 1 - 1e-9, 1.5, 2.0]), steps)
    assert found[:, 0].astype(int).tolist() == [[1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 0]]


def test_what_does_not_fit_is_said():
    with pytest.raises(InputError, match="2 frames at 3 times"):
        steps_of_frames(np.zeros((2, 1, 1), bool), np.zeros(3), (TimeStep(0.0, 1.0),))
    with pytest.raises(InputError, match="same steps and cells"):
        right_time(np.zeros((2, 2, 2)), CELLS)
    with pytest.raises(InputError, match=r"\[time, height, width\]"):
        cells_over_time(CELLS[0], (1, 1))
