"""Statistics of videos' maps, against slow references and against what a picture's map gives."""

from itertools import product

import numpy as np
import pytest

from core.analysis.artefacts import as_mask, find_artefacts, sinks, without
from core.analysis.concentration import STATISTICS, progression
from core.analysis.location import HOT, centre, hot_regions, peak, spread
from core.analysis.regions import Region
from core.analysis.similarity import agreement, similarity, steps
from core.analysis.standard_errors import standard_errors
from tests.some import some

HEAT = np.random.default_rng(7).random((4, 3, 5, 6)) ** 3


def test_one_step_is_a_picture():
    picture, video = progression(HEAT[:, 0]), progression(HEAT[:, :1], axes=3)
    assert list(video) == list(STATISTICS)
    for name in some(STATISTICS):
        assert np.array_equal(picture[name], video[name]), name


def test_a_still_video_lies_where_its_picture_does():
    picture, video = progression(HEAT[:, 0]), progression(np.repeat(HEAT[:, :1], 4, axis=1), axes=3)
    for name in some(("entropy", "gini", "top_share", "spread", "centre_x", "centre_y", "regions", "effective_area")):
        if name != "entropy":  # which is over the logarithm of the number of cells
            assert video[name] == pytest.approx(picture[name]), name
    assert video["entropy"] == pytest.approx(1 + (picture["entropy"] - 1) * np.log(30) / np.log(120))


def test_concentration_is_over_all_cells_of_all_steps():
    video, flat = progression(HEAT, axes=3), progression(HEAT.reshape(4, 15, 6))
    for name in some(("entropy", "gini", "top_share", "effective_area", "peak")):
        assert video[name] == pytest.approx(flat[name]), name


def test_places_are_those_in_the_picture():
    x, y = centre(HEAT, axes=3)
    assert (x, y) == (pytest.approx(centre(HEAT.sum(1))[0]), pytest.approx(centre(HEAT.sum(1))[1]))
    assert spread(HEAT, axes=3) == pytest.approx(spread(HEAT.sum(1)))
    heat = np.zeros((3, 2, 4))
    heat[2, 1, 3] = 7
    assert [float(each) for each in peak(heat, axes=3)] == [7 / 8, 3 / 4, 7]


def _regions_slowly(hot: np.ndarray) -> list[int]:
    waiting, sizes = set(map(tuple, np.argwhere(hot).tolist())), []
    while waiting:
        reached, size = [waiting.pop()], 0
        while reached:
            cell, size = reached.pop(), size + 1
            around = {tuple(np.add(cell, step).tolist()) for step in product((-1, 0, 1), repeat=3)} & waiting
            waiting -= around
            reached += around
        sizes.append(size)
    return sizes


def test_regions_reach_over_time():
    counts, largest = hot_regions(HEAT, axes=3)
    for heat, count, share in some(zip(HEAT, counts, largest, strict=True)):
        sizes = _regions_slowly(heat >= HOT * heat.max())
        assert (count, share) == (len(sizes), pytest.approx(max(sizes) / heat.size))


def test_what_moves_a_cell_a_step_is_one_region_and_what_jumps_is_several():
    moving, jumping = np.zeros((2, 3, 5, 5))
    for step in range(3):
        moving[step, step, step] = 1
        jumping[step, 2 * step, 0] = 1
    assert [float(hot_regions(heat, axes=3)[0]) for heat in (moving, jumping)] == [1, 3]


def test_layers_are_compared_over_all_steps():
    assert np.allclose(similarity(HEAT).rank, similarity(HEAT.reshape(4, 15, 6)).rank)
    assert np.allclose(agreement(HEAT, HEAT[1]), agreement(HEAT.reshape(4, 15, 6), HEAT[1].reshape(15, 6)))
    x, y = centre(HEAT.sum(1))
    assert steps(HEAT)["step_shift"][1:] == pytest.approx(np.hypot(np.diff(x), np.diff(y)))


def test_a_region_is_the_same_at_all_times():
    left = Region(((0.0, 0.0), (0.5, 1.0)))
    assert left.share_of_heat(HEAT, axes=3) == pytest.approx(left.share_of_heat(HEAT.sum(1)))


def test_errors_of_a_videos_statistics():
    found = standard_errors(HEAT, HEAT / 100, lambda drawn: progression(drawn, ("entropy",), axes=3))
    assert found["entropy"].shape == (4,) and (found["entropy"] > 0).all()


def test_sinks_have_a_time():
    peaks = np.zeros((2, 3, 5, 6))
    peaks[1, 2, 3, 4] = 40
    assert sinks(peaks) == ((2, 3, 4),)
    heat = HEAT[0].astype(np.float32)
    found = find_artefacts(heat, peaks, gradients_at=0)
    assert found.sinks_above == 1 and found.sink_share == pytest.approx(heat[2, 3, 4] / heat.sum())
    hidden = without(heat, as_mask(found.sinks, heat.shape))
    around = heat[2, 2:5, 3:6].sum() - heat[2, 3, 4]
    assert hidden[2, 3, 4] == pytest.approx(around / 8, rel=1e-6) and np.array_equal(hidden[:2], heat[:2])
