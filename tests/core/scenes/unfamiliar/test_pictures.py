"""Pictures that are no drawn scene: each kind is far from what scenes look like, and repeats by seed."""

import numpy as np
import pytest

from core.scenes.clips import compose_clip
from core.scenes.drawing import compose
from core.scenes.unfamiliar.pictures import HELD_OUT_STYLES, STYLES, unfamiliar
from tests.some import some


def strangeness(pixels: np.ndarray) -> float:
    """How far pixels are from a nearly grey, nearly even ground: colour or spread, whichever is larger."""
    pixels = pixels.astype(np.float32)
    color = np.ptp(pixels.mean((0, 1)))
    return float(max(color, pixels.mean(-1).std()))


def test_scenes_without_objects_are_nearly_grey_and_even():
    for seed in range(40):
        assert strangeness(np.asarray(compose(seed, objects=0).image)) < 35


@pytest.mark.parametrize("style", HELD_OUT_STYLES)
def test_no_style_looks_like_an_empty_scene(style):
    for seed in range(8):
        clip = unfamiliar(np.random.default_rng(seed), 168, 224, style=style)
        assert clip.is_picture and clip.things == () and clip.frames.shape == (1, 168, 224, 3)
        parts = clip.frames[0].astype(np.float32)
        # Fine grains and checks of one colour are uneven, not coloured; a page is mostly ground.
        uneven = np.abs(np.diff(parts, axis=1)).mean() + np.abs(np.diff(parts, axis=0)).mean()
        assert strangeness(clip.frames[0]) > 20 or np.ptp(parts, axis=-1).mean() > 30 or uneven > 4, seed


def test_styles_held_out_are_others():
    assert set(STYLES) < set(HELD_OUT_STYLES) and len(set(HELD_OUT_STYLES) - set(STYLES)) == 2


def test_a_clip_pans_over_one_picture():
    rng = np.random.default_rng(1)
    clip = unfamiliar(rng, 168, 196, style="clutter", steps=3)
    assert clip.frames.shape == (6, 168, 196, 3) and clip.steps == 3 and clip.frames.dtype == np.uint8
    assert any(not np.array_equal(one, other) for one, other in zip(clip.frames[:-1], clip.frames[1:], strict=True))
    # One frame on, the view has moved by a few pixels.
    first, second = clip.frames[:2].astype(int)
    best = min(
        np.abs(first[10 + y : 150 + y, 10 + x : 180 + x] - second[10:150, 10:180]).mean()
        for y in range(-6, 7)
        for x in range(-6, 7)
    )
    assert best == 0


def test_the_same_seed_draws_the_same_and_all_styles_are_drawn():
    one, again = (unfamiliar(np.random.default_rng(4), 168, 168) for _ in range(2))
    assert np.array_equal(one.frames, again.frames)


def test_clips_of_shapes_are_no_such_pictures():
    for seed in some(range(10)):
        clip = compose_clip(seed, objects=0)
        assert strangeness(clip.frames[0]) < 35
