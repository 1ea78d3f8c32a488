"""Drawn pictures: each object has the colour, shape and cell that it is said to have, to the pixel."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scenes.drawing import COLORS, SHAPES, compose
from tests.core.scenes.shapes import bounds, nearest_color
from tests.some import some

SEEDS = st.integers(0, 2_000_000)


@settings(max_examples=60)
@given(SEEDS, st.integers(1, 4))
def test_each_object_has_its_colour_and_lies_wholly_in_its_cell(seed, objects):
    picture = compose(seed, objects)
    pixels = np.asarray(picture.image)
    height, width = pixels.shape[:2]
    for thing in some(picture.things):
        assert nearest_color(pixels[thing.mask]) == COLORS[thing.color]
        top, bottom, left, right = bounds(thing.mask)
        row, column = divmod(thing.cell, 3)
        assert row * height / 3 <= top and bottom <= (row + 1) * height / 3
        assert column * width / 3 <= left and right <= (column + 1) * width / 3


@settings(max_examples=60)
@given(SEEDS)
def test_objects_do_not_overlap_and_no_two_share_a_cell_or_a_look(seed):
    things = compose(seed).things
    covered = np.sum([thing.mask for thing in things], axis=0) if things else np.zeros(1)
    assert covered.max() <= 1
    assert len({thing.cell for thing in things}) == len(things)
    assert len({(thing.color, thing.shape) for thing in things}) == len(things)
    assert [thing.cell for thing in things] == sorted(thing.cell for thing in things)


@pytest.mark.parametrize(("shape", "share"), [("circle", np.pi / 4), ("square", 1.0), ("ring", 0.5478)])
def test_shapes_fill_the_expected_share_of_their_box(shape, share):
    """Area of an unturned shape over that of its bounding box, worked out by hand."""
    measured = 0
    for seed in range(120):
        for thing in compose(seed).things:
            if SHAPES[thing.shape] != shape:
                continue
            measured += 1
            top, bottom, left, right = bounds(thing.mask)
            box = (bottom - top) * (right - left)
            # A turned square fills less of its box, down to 1 / (1 + sin(2 * 0.25)) of it.
            low = share / (1 + np.sin(0.5)) if shape == "square" else share
            assert low - 0.05 <= thing.mask.sum() / box <= share + 0.05
    assert measured > 20, f"Only {measured} of the shapes were a {shape}."


def test_the_number_of_objects_and_the_shape_of_the_picture_vary():
    assert {len(compose(seed).things) for seed in range(100)} == {0, 1, 2, 3, 4}
    sizes = {compose(seed).image.size for seed in range(60)}
    assert len(sizes) > 8 and any(width < height for width, height in sizes)
    assert len(compose(5, objects=4).things) == 4


def test_the_same_seed_draws_the_same_pixels():
    first, again, other = compose(7), compose(7), compose(8)
    assert first.image.tobytes() == again.image.tobytes() != other.image.tobytes()
    assert [(t.color, t.shape, t.cell) for t in first.things] == [(t.color, t.shape, t.cell) for t in again.things]


def test_size_and_number_can_be_chosen():
    picture = compose(3, objects=2, grid=(6, 8))
    assert picture.image.size == (8 * 28, 6 * 28) and len(picture.things) == 2
    for objects in (-1, 5):
        with pytest.raises(ValueError, match=f"between 0 and 4, not {objects}"):
            compose(3, objects=objects)
