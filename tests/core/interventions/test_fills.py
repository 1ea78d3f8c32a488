"""What stands in the place of removed pixels."""

import numpy as np
import pytest

from core.errors import InputError
from core.interventions.fills import filled
from core.interventions.report import FILL_WORDS, FILLS
from tests.some import some

RED, GREY = (220, 20, 20), (90, 100, 110)


@pytest.fixture
def pixels():
    """Grey, with a red block of which a margin of grey is removed as well."""
    found = np.empty((60, 90, 3), np.uint8)
    found[:] = GREY
    found[20:40, 30:60] = RED
    return found


@pytest.fixture
def block(pixels):
    removed = np.zeros(pixels.shape[:2], bool)
    removed[18:42, 28:62] = True
    return removed


@pytest.mark.parametrize("fill", FILLS)
def test_nothing_is_left_of_what_is_removed_and_the_rest_stays(pixels, block, fill):
    before = pixels.copy()
    found = filled(pixels, block, ~block, fill)
    assert found.dtype == np.uint8 and found.shape == pixels.shape
    assert (found == np.array(GREY, np.uint8)).all()  # what is around is grey alone
    assert (pixels == before).all()


@pytest.mark.parametrize("fill", FILLS)
def test_around_a_kept_part_its_colour_does_not_show(pixels, block, fill):
    found = filled(pixels, ~block, ~block, fill)
    assert (found[block] == pixels[block]).all() and (found[~block] == np.array(GREY, np.uint8)).all()


def test_the_mean_by_hand(pixels, block):
    everywhere = np.ones_like(block)
    found = filled(pixels, everywhere, everywhere, "mean")
    assert (found == np.rint(pixels.reshape(-1, 3).mean(0)).astype(np.uint8)).all()


def test_blur_goes_on_what_is_beside_it():
    """A shading goes on through a removed part: the mean colour would be a patch in it."""
    pixels = np.repeat(np.linspace(0, 255, 120)[None, :, None], 80, 0).repeat(3, -1).astype(np.uint8)
    removed = np.zeros((80, 120), bool)
    removed[30:50, 10:30] = True
    blur, mean = (filled(pixels, removed, ~removed, fill)[removed].astype(float) for fill in ("blur", "mean"))
    truth = pixels[removed].astype(float)
    assert np.abs(blur - truth).mean() < 20 < 80 < np.abs(mean - truth).mean()


@pytest.mark.parametrize("size", [(30, 45), (300, 450), (900, 1350)])
def test_a_whole_picture_is_blurred_until_no_shape_is_left(size):
    pixels = np.zeros((*size, 3), np.uint8)
    pixels[: size[0] // 3, : size[1] // 3] = 255
    everywhere = np.ones(size, bool)
    found = filled(pixels, everywhere, everywhere, "blur").astype(float)
    steps = max(np.abs(np.diff(found[:: size[0] // 10, :: size[1] // 15], axis=axis)).max() for axis in (0, 1))
    assert steps < 16 and found.max() < 110  # of 255


def test_the_middle_of_a_large_part_is_reached():
    pixels = np.full((200, 300, 3), 80, np.uint8)
    removed = np.zeros((200, 300), bool)
    removed[4:-4, 4:-4] = True
    assert (filled(pixels, removed, ~removed, "blur") == 80).all()


def test_noise_is_drawn_from_what_is_around_the_same_for_equal_seeds(pixels, block):
    everywhere = np.ones_like(block)
    first, again, other = (filled(pixels, everywhere, everywhere, "noise", seed) for seed in (0, 0, 1))
    assert (first == again).all() and (first != other).any()
    assert {tuple(colour) for colour in first.reshape(-1, 3).tolist()} == {RED, GREY}
    share = (first[..., 0] == RED[0]).mean()
    assert share == pytest.approx((pixels[..., 0] == RED[0]).mean(), abs=0.05)


def test_specks_of_noise_grow_with_the_picture():
    pixels = np.random.default_rng(0).integers(0, 256, (1024, 1536, 3), np.uint8)
    everywhere = np.ones((1024, 1536), bool)
    found = filled(pixels, everywhere, everywhere, "noise").reshape(256, 4, 384, 4, 3)
    assert (found == found[:, :1, :, :1]).all()


def test_a_single_pixel_around_is_enough():
    pixels = np.arange(5 * 4 * 3, dtype=np.uint8).reshape(5, 4, 3)
    around = np.zeros((5, 4), bool)
    around[4, 3] = True
    for fill in some(FILLS):
        assert (filled(pixels, ~around, around, fill) == pixels[4, 3]).all()


def test_an_unknown_fill(pixels, block):
    with pytest.raises(InputError, match="no fill called 'black'. Choose one of: blur, mean, noise"):
        filled(pixels, block, ~block, "black")


def test_every_fill_has_words():
    assert all(each.title and each.sentence.endswith(".") for each in some(FILL_WORDS.values()))
