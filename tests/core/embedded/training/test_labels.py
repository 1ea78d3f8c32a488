"""What the auxiliary losses look for, by hand and against the masks of drawn scenes."""

import pytest
import torch

from core.embedded.training.labels import cells_of, coverage, labels_of, pointer_target
from core.scenes.drawing import compose
from tests.core.embedded.training.grids import WIDE


def test_token_labels_follow_the_masks():
    picture = compose(1, grid=WIDE)
    shares = coverage(picture, *WIDE)
    colors, shapes = labels_of(picture, shares)
    for thing, share in zip(picture.things, shares, strict=True):
        assert share.sum() * 28 * 28 == pytest.approx(thing.mask.sum())
        assert colors[share.argmax()] == thing.color + 1 and shapes[share.argmax()] == thing.shape + 1
        assert cells_of(*WIDE)[share.argmax()] == thing.cell
    assert (colors[shares.sum(0) == 0] == 0).all()


def test_a_pointer_spreads_over_the_objects_pixels_or_says_nowhere():
    shares = torch.tensor([[1.0, 0.0, 0.5], [0.0, 0.25, 0.25]])
    assert pointer_target(shares, (0,)).tolist() == pytest.approx([2 / 3, 0, 1 / 3, 0])
    assert pointer_target(shares, (0, 1)).tolist() == pytest.approx([0.5, 0.125, 0.375, 0])
    assert pointer_target(shares, ()).tolist() == [0, 0, 0, 1]


def test_cells_of_a_raster_by_hand():
    assert cells_of(3, 3).tolist() == list(range(9))
    # Of four columns the centres lie at 1/8, 3/8, 5/8 and 7/8.
    assert cells_of(1, 4).tolist() == [3, 4, 4, 5]
