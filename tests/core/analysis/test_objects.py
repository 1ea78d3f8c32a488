"""Which cells an object covers: by hand, against blocks of pixels, and where cells cut through pixels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.analysis.objects import cells_of


def test_cells_of_a_mask_by_hand():
    mask = np.zeros((20, 30), bool)
    mask[0:10, 0:1] = True  # a tenth of the first cell
    mask[10:13, 10:13] = True  # 9 of 100 pixels of the middle one below
    assert cells_of(mask, (2, 3)).tolist() == [[True, False, False], [False, False, False]]
    assert cells_of(mask, (2, 3), covered=0.09).sum() == 2 and cells_of(mask, (2, 3), covered=0.11).sum() == 0


@given(arrays(bool, (12, 20)), st.sampled_from([0.1, 0.25, 0.5, 1]))
def test_cells_of_equal_blocks(mask, covered):
    share = [[b.mean() for b in np.array_split(row, 5, axis=1)] for row in np.array_split(mask, 3)]
    assert (cells_of(mask, (3, 5), covered) == (np.array(share) >= covered)).all()


def test_cells_that_cut_through_pixels():
    mask = np.array([[False, True, False]])  # of two cells, each has half of the middle pixel: a third of it
    assert cells_of(mask, (1, 2), 0.33).tolist() == [[True, True]] and not cells_of(mask, (1, 2), 0.34).any()
    assert cells_of(np.array([[True, False]]), (1, 4)).tolist() == [[True, True, False, False]]
