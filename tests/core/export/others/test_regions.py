import numpy as np
import pytest

from core.analysis.location import hot_regions
from core.export.others.regions import heat_regions
from core.rendering.overlay import enlarge
from tests.core.export.others.makers import heat
from tests.some import some


def slow_mask(cells, size):
    """Pixel by pixel: in which cell does it lie?"""
    width, height = size
    rows, columns = cells.shape
    return np.array([[cells[y * rows // height, x * columns // width] for x in range(width)] for y in range(height)])


@pytest.mark.parametrize("size", [(50, 40), (7, 9), (5, 4), (13, 3)])
def test_cells_that_touch_are_one_region_and_cover_their_pixels(size):
    regions = heat_regions(heat(), size, share=0.1)
    assert [round(each.share_of_heat, 6) for each in regions] == [0.9, 0.06, 0.04][: len(regions)]
    expected = np.zeros((4, 5), bool)
    expected[0, 0] = expected[1, 1] = expected[1, 2] = True
    assert np.array_equal(regions[0].cells, expected)
    for region in some(regions):
        mask = slow_mask(region.cells, size)
        assert np.array_equal(region.mask, mask) and region.area == mask.sum() > 0
        rows, columns = np.nonzero(mask)
        assert region.corners == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        assert np.array_equal(region.mask, enlarge(region.cells, size, smooth=False))


def test_a_higher_threshold_has_fewer_cells_and_the_default_is_that_of_the_statistic():
    assert [int(each.cells.sum()) for each in heat_regions(heat(), (50, 40), 0.6)] == [2]
    count, largest = hot_regions(heat())
    regions = heat_regions(heat(), (50, 40), 0.5)
    assert len(regions) == count and regions[0].cells.sum() == largest * 20


def test_the_hottest_share_of_cells():
    assert sum(int(each.cells.sum()) for each in heat_regions(heat(), (50, 40), 0.5, top_share=0.2)) == 4
    assert sum(int(each.cells.sum()) for each in heat_regions(heat(), (50, 40), 0.5, top_share=0.01)) == 1
    # No more cells than have any heat, and all that are equally hot.
    assert sum(int(each.cells.sum()) for each in heat_regions(heat(), (50, 40), 0.5, top_share=1)) == 5
    assert heat_regions(np.ones((4, 5)), (50, 40), 0.5, top_share=0.1)[0].area == 2000


@pytest.mark.parametrize("cells", [np.zeros((3, 3)), -np.ones((3, 3)), np.full((3, 3), np.nan)])
def test_a_map_without_heat_has_no_region(cells):
    assert heat_regions(cells, (9, 9), 0.5) == []


def test_a_region_without_a_pixel_is_none():
    cells = np.zeros((1, 4))
    cells[0, 1] = 1
    assert heat_regions(cells, (2, 1), 0.5) == []  # the picture's two pixels lie in cells 0 and 2
