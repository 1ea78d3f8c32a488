"""Drawn clips: what stays, moves, appears and vanishes does so in the cells and steps that are said."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scenes.clips import CLIP_GRIDS, MAX_TOKENS, Clip, clip_grids, compose_clip, still
from core.scenes.drawing import COLORS, compose
from tests.core.scenes.shapes import bounds, nearest_color
from tests.some import some

SEEDS = st.integers(0, 2_000_000)


@settings(max_examples=25)
@given(SEEDS, st.integers(1, 4))
def test_each_object_is_seen_where_and_when_it_is_said_to_be(seed, objects):
    clip = compose_clip(seed, objects)
    height, width = clip.frames.shape[1:3]
    assert len(clip.things) == objects and len(clip.frames) == 2 * clip.steps
    for thing in some(clip.things):
        assert thing.masks.shape == (clip.steps, height, width)
        assert [mask.any() for mask in thing.masks] == [cell is not None for cell in thing.cells]
        assert thing.seen == tuple(range(thing.seen[0], thing.seen[-1] + 1))
        for step in some(thing.seen):
            top, bottom, left, right = bounds(thing.masks[step])
            row, column = divmod(thing.cells[step], 3)
            # The middle of both frames lies in the cell; what moves may stick out of it.
            assert row <= (top + bottom) / 2 / height * 3 + 0.1 and (top + bottom) / 2 / height * 3 - 0.1 <= row + 1
            assert column <= (left + right) / 2 / width * 3 + 0.1 and (left + right) / 2 / width * 3 - 0.1 <= column + 1
            if not thing.moves:
                pixels = clip.frames[2 * step : 2 * step + 2, thing.masks[step]]
                assert nearest_color(pixels) == COLORS[thing.color]


@settings(max_examples=25)
@given(SEEDS)
def test_no_object_crosses_another_or_looks_like_it(seed):
    clip = compose_clip(seed, objects=4)
    assert np.sum([thing.masks for thing in clip.things], axis=0).max() == 1
    assert len({(thing.color, thing.shape) for thing in clip.things}) == 4
    assert [thing.cell for thing in clip.things] == sorted(thing.cell for thing in clip.things)


def test_nothing_but_the_objects_changes():
    """Where no grain was drawn, a pixel that is no object's at any step is the same in every frame."""
    quiet = [clip for clip in map(compose_clip, range(12)) if (clip.frames[:, 0, 0] == clip.frames[0, 0, 0]).all()]
    assert len(quiet) >= 4
    for clip in quiet:
        grown = np.zeros(clip.frames.shape[1:3], bool)
        for thing in clip.things:
            top, bottom, left, right = bounds(thing.masks.any(0))
            grown[max(0, top - 2) : bottom + 2, max(0, left - 2) : right + 2] = True
        still_there = clip.frames[:, ~grown]
        assert (still_there == still_there[0]).all()


def test_everything_that_can_happen_happens():
    things = [thing for seed in range(60) for thing in compose_clip(seed).things]
    steps = {compose_clip(seed).steps for seed in range(20)}
    assert steps == {2, 3, 4}
    assert sum(thing.moves for thing in things) > 15 and sum(thing.gone is not None for thing in things) > 15
    assert sum(thing.seen[0] > 0 for thing in things) > 15
    assert sum(thing.cells == (thing.cell,) * len(thing.cells) for thing in things) > 15


def digest(clip: Clip) -> str:
    truth = repr([(thing.color, thing.shape, thing.cells) for thing in clip.things])
    return hashlib.sha256(clip.frames.tobytes() + truth.encode() + str(clip.rate).encode()).hexdigest()


def test_the_same_seed_draws_the_same_clip():
    assert digest(compose_clip(7)) == digest(compose_clip(7)) != digest(compose_clip(8))
    combined = hashlib.sha256("".join(digest(compose_clip(seed)) for seed in range(12)).encode())
    assert combined.hexdigest() == "d0dd43d36cab0ccfbc36feec2ad10c1441e66076221c3444991935a3a809f886"


def test_size_and_number_can_be_chosen():
    clip = compose_clip(3, objects=2, steps=4, grid=(6, 8))
    assert clip.frames.shape == (8, 6 * 28, 8 * 28, 3) and clip.frames.dtype == np.uint8
    assert len(compose_clip(3, objects=4, steps=8).frames) == 16
    assert clip_grids(4, 224) == ((6, 6), (6, 8), (8, 6), (7, 7)) and clip_grids(2, 1000) == CLIP_GRIDS
    assert all(clip_grids(steps, MAX_TOKENS) for steps in range(2, 9))
    with pytest.raises(ValueError, match="objects must be between 0 and 4, not 5"):
        compose_clip(3, objects=5)
    with pytest.raises(ValueError, match="steps must be between 2 and 8, not 1"):
        compose_clip(3, steps=1)


def test_a_still_picture_is_a_clip_of_one_step():
    picture = compose(1)
    clip = still(picture)
    assert clip.is_picture and clip.steps == 1 and np.array_equal(clip.frames[0], np.asarray(picture.image))
    for thing, actor in zip(some(picture.things), clip.things, strict=True):
        assert actor.cells == (thing.cell,) and np.array_equal(actor.masks[0], thing.mask)
        assert not actor.moves and actor.gone is None and actor.seen == (0,)
