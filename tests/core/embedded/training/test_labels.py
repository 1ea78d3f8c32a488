"""What the auxiliary losses look for, by hand and against the masks of drawn scenes."""

from dataclasses import replace

import pytest
import torch

from core.embedded.training.labels import IGNORED, cells_of, coverage, labels_of, pointer_target
from core.scenes.clips import compose_clip, still
from core.scenes.drawing import compose
from tests.core.embedded.training.grids import WIDE
from tests.some import some


def test_token_labels_follow_the_masks():
    clip = still(compose(1, grid=WIDE))
    shares = coverage(clip, *WIDE)
    colors, shapes = labels_of(clip, shares)
    assert shares.shape == (len(clip.things), 1, 70)
    for thing, (share,) in zip(some(clip.things), shares, strict=True):
        assert share.sum() * 28 * 28 == pytest.approx(thing.masks.sum())
        assert colors[share.argmax()] == thing.color + 1 and shapes[share.argmax()] == thing.shape + 1
        assert cells_of(*WIDE)[share.argmax()] == thing.cell
    assert (colors[shares.sum((0, 1)) == 0] == 0).all()


def test_labels_of_a_clip_come_and_go_with_its_objects():
    clips = (compose_clip(seed, objects=3, steps=4, grid=(6, 6)) for seed in range(100))
    clip = next(clip for clip in clips if any(len(thing.seen) < 4 for thing in clip.things))
    shares = coverage(clip, 6, 6)
    colors, _ = labels_of(clip, shares)
    by_step = colors.view(4, 36)
    for thing, share in zip(some(clip.things), shares, strict=True):
        for step in range(4):
            assert bool(share[step].sum() > 0) == (step in thing.seen)
            assert bool((by_step[step] == thing.color + 1).any()) >= (step in thing.seen)


def test_what_is_no_scene_has_no_labels():
    strange = replace(still(compose(1, objects=0, grid=WIDE)), drawn=False)
    colors, shapes = labels_of(strange, coverage(strange, *WIDE))
    assert set(colors.tolist()) == set(shapes.tolist()) == {IGNORED}


def test_a_pointer_spreads_over_the_sights_pixels_or_says_nowhere():
    # Two objects, two steps, two tokens.
    shares = torch.tensor([[[1.0, 0.0], [0.5, 0.5]], [[0.0, 0.25], [0.0, 0.0]]])
    assert pointer_target(shares, [(0, 0)]).tolist() == [1, 0, 0, 0, 0]
    assert pointer_target(shares, [(0, 1)]).tolist() == [0, 0, 0.5, 0.5, 0]
    assert pointer_target(shares, [(0, 0), (1, 0)]).tolist() == pytest.approx([0.8, 0.2, 0, 0, 0])
    assert pointer_target(shares, []).tolist() == pointer_target(shares, [(1, 1)]).tolist() == [0, 0, 0, 0, 1]


def test_cells_of_a_raster_by_hand():
    assert cells_of(3, 3).tolist() == list(range(9))
    # Of four columns the centres lie at 1/8, 3/8, 5/8 and 7/8.
    assert cells_of(1, 4).tolist() == [3, 4, 4, 5]
