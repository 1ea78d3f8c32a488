import numpy as np

from core.rendering.overlay import overlay
from core.rendering.step_sheet import MOST_COLUMNS, MOST_STEPS, TILE, frame_numbers, step_rows, step_sheet
from core.schema import TimeStep


def steps(count: int) -> list[TimeStep]:
    return [TimeStep(float(step), step + 1.0) for step in range(count)]


def test_each_step_lies_over_the_frame_with_which_it_begins():
    frames = np.stack([np.full((10, 20, 3), 40 * number, np.uint8) for number in range(6)])
    times = np.arange(6) / 2
    heat = np.arange(1, 7, dtype=np.float32).reshape(3, 1, 2)
    assert frame_numbers(times, steps(3)) == [0, 2, 4]
    sheet = step_sheet(frames, times, steps(3), heat, 40)
    assert sheet.shape == (20, 40, 3)
    expected = [overlay(frames[2 * step], heat[step], maximum=6.0) for step in range(3)]
    assert np.array_equal(sheet[:10, :20], expected[0])
    assert np.array_equal(sheet[:10, 20:], expected[1])
    assert np.array_equal(sheet[10:, :20], expected[2])
    assert not sheet[10:, 20:].any()


def test_of_many_steps_some_are_shown_the_first_and_the_last_among_them():
    count = 3 * MOST_STEPS
    frames = np.zeros((count, 4, 4, 3), np.uint8)
    frames[0], frames[-1] = 200, 100
    sheet = step_sheet(frames, np.arange(float(count)), steps(count), np.zeros((count, 1, 1), np.float32), 32)
    assert sheet.shape == (32, 32, 3)
    assert (sheet[:4, :4] == 200).all() and (sheet[-4:, -4:] == 100).all()


def test_several_maps_stand_below_each_other_under_captions():
    frames, times = np.zeros((6, 10, 20, 3), np.uint8), np.arange(6) / 2
    heat = np.ones((3, 1, 2), np.float32)
    one, two = (step_rows(frames, times, steps(3), dict.fromkeys(names, heat)) for names in (["a"], ["layer_1", "b"]))
    assert one.shape[1] == two.shape[1] >= 3 * TILE and two.shape[0] > 1.8 * one.shape[0]
    many = step_rows(frames[[0] * 20], np.arange(20.0), steps(20), {"a": heat[[0] * 20]}, "Title")
    assert MOST_COLUMNS * TILE <= many.shape[1] < (MOST_COLUMNS + 1) * TILE
