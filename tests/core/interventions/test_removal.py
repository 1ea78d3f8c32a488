"""Which pixels a removal takes away, and what is no removal."""

import numpy as np
import pytest

from core.analysis.regions import Region
from core.errors import InputError
from core.interventions.removal import Removal
from tests.some import some

GRID = (2, 4)
SIZE = (40, 20)  # cells of 10 x 10 pixels
HALF = Region(((0.0, 0.0), (0.5, 1.0)))
CORNER = Region(((0.9, 0.9), (0.75, 0.5)))
TRIANGLE = Region(((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))


def test_a_box_is_its_pixels_whichever_corners_name_it():
    mask = Removal(CORNER).mask(SIZE, GRID)
    wanted = np.zeros((20, 40), bool)
    wanted[10:18, 30:36] = True
    assert (mask == wanted).all()


def test_cells_are_theirs_and_keeping_them_removes_the_rest():
    mask = Removal(cells=((1, 3), (0, 0))).mask(SIZE, GRID)
    wanted = np.zeros((20, 40), bool)
    wanted[:10, :10] = wanted[10:, 30:] = True
    assert (mask == wanted).all()
    kept = Removal(cells=((1, 3), (0, 0)), keep=True)
    assert (kept.mask(SIZE, GRID) == ~wanted).all()


def test_all_cells_together_are_the_whole_picture_whatever_its_size():
    for size in some([(7, 5), (40, 20), (41, 23), (3, 2), (1, 1)]):
        parts = [Removal(cells=((row, column),))._cell_mask(size, GRID) for row in range(2) for column in range(4)]
        assert np.any(parts, axis=0).all()
        assert all(part.any() for part in parts)  # of a cell smaller than a pixel, that pixel
        if size[0] >= 4 and size[1] >= 2:
            assert np.sum(parts, axis=0).max() == 1


def test_a_part_smaller_than_a_cell_or_a_pixel():
    small = Removal(Region(((0.3, 0.3), (0.35, 0.45)))).mask(SIZE, GRID)
    assert small.sum() == 2 * 3 and small[6:9, 12:14].all()
    speck = Removal(Region(((0.999, 0.999), (0.9999, 0.9999)))).mask(SIZE, GRID)
    assert speck.sum() == 1 and speck[-1, -1]


def test_a_polygon_is_what_it_holds():
    mask = Removal(TRIANGLE).mask(SIZE, GRID)
    assert mask[0, 0] and not mask[-1, -1] and mask.mean() == pytest.approx(0.5, abs=0.05)


def test_fills_are_made_of_what_lies_outside_of_the_part():
    for keep in some([False, True]):
        removal = Removal(HALF, keep=keep)
        around = removal.around(removal.mask(SIZE, GRID))
        assert not around[:, :20].any() and around[:, 20:].all()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "give either a region or some cells"),
        ({"region": HALF, "cells": ((0, 0),)}, "give either a region or some cells"),
        ({"region": "half"}, "must be a Region"),
        ({"region": HALF, "keep": "yes"}, "must be true or false"),
        ({"region": HALF, "picture": -1}, "must be a whole number"),
        ({"cells": 5}, "Give a list"),
        ({"cells": [5]}, "A cell is its row and its column, not 5"),
        ({"cells": [(1, 2, 3)]}, "A cell is its row and its column"),
        ({"cells": [(1, -2)]}, "A cell's column must be a whole number"),
        ({"cells": [(0.5, 0)]}, "A cell's row must be a whole number"),
    ],
)
def test_what_is_no_removal(given, sentence):
    with pytest.raises(InputError, match=sentence):
        Removal(**given)


@pytest.mark.parametrize(
    ("removal", "sentence"),
    [
        (Removal(Region(((0.0, 0.0), (1.0, 1.0)))), "Nothing of the picture would be left"),
        (Removal(Region(((0.0, 0.0), (1.0, 1.0))), keep=True), "Nothing would be removed"),
        (Removal(cells=tuple((row, column) for row in range(2) for column in range(4))), "Nothing of the picture"),
        (Removal(cells=((2, 0),)), "Row 2, column 0 is no cell of this picture's map, which has 2 rows and 4 columns"),
        (Removal(cells=((0, 4),), keep=True), "Row 0, column 4 is no cell"),
    ],
)
def test_nothing_everything_and_what_is_not_there(removal, sentence):
    with pytest.raises(InputError, match=sentence):
        removal.mask(SIZE, GRID)


@pytest.mark.parametrize(
    ("removal", "text"),
    [
        (Removal(CORNER), "remove-region-0.75,0.5;0.9,0.9"),
        (Removal(TRIANGLE, keep=True, picture=1), "keep-region-0.0,0.0;1.0,0.0;0.0,1.0-picture-2"),
        (Removal(cells=((3, 1), (0, 2), (3, 1))), "remove-cells-0,2;3,1"),
        (Removal(Region(((1e-7, 0.0), (0.5, 2.5e-05))), picture=11), "remove-region-1e-07,0.0;0.5,2.5e-05-picture-12"),
    ],
)
def test_it_is_written_in_one_line_and_read_back(removal, text):
    assert removal.to_text() == text
    again = Removal.from_text(text)
    assert again.to_text() == text and (again.keep, again.picture) == (removal.keep, removal.picture)
    assert (again.mask((64, 48), (6, 8)) == removal.mask((64, 48), (6, 8))).all()


@pytest.mark.parametrize(
    "text",
    [
        *("", "remove", "remove-region-", "take-region-0,0;1,1", "remove-region-0,0", "remove-region-0,0;2,1"),
        *(
            "remove-cells-0.5,1",
            "remove-cells--1,1",
            "remove-cells-1",
            "remove-region-a,b;c,d",
            "remove-region-0,nan;1,1",
        ),
        *(
            "remove-cells-1,1-picture-0",
            "remove-cells-1,1-picture-x",
            "remove-cells-1,1\n",
            "remove-cells-2,1;1,1",
            "remove-region-0,0;1,1",
        ),
    ],
)
def test_what_is_written_otherwise_is_none(text):
    with pytest.raises(InputError):
        Removal.from_text(text)
