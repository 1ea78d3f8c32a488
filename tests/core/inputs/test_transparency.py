"""What transparent parts are laid on, and what is said of it."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from core import load_picture
from tests.conftest import encode, gradient_picture


def drawing(colour, background=(200, 0, 0, 0), mode="RGBA"):
    """A bar of a colour on ground that is transparent, with another colour hidden under it."""
    image = Image.new("RGBA", (40, 30), background)
    image.paste(colour, (5, 10, 35, 20))
    return image.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "PA"])
def test_of_an_opaque_picture_nothing_is_said(mode):
    image = gradient_picture(30, 40).convert("RGBA").convert(mode)
    picture = load_picture(encode(image, "TIFF" if mode == "PA" else "PNG") if mode != "PA" else image)
    assert picture.notes == () and np.array_equal(picture.pixels, np.asarray(image.convert("RGB")))


def test_a_palette_entry_that_no_pixel_uses_is_not_transparency():
    image = gradient_picture(30, 40).quantize(8)
    assert load_picture(encode(image, "PNG", transparency=200)).notes == ()


@pytest.mark.parametrize("colour", [(0, 0, 0, 255), (180, 60, 20, 255), (128, 128, 128, 255)])
def test_a_drawing_is_laid_on_white(colour):
    picture = load_picture(encode(drawing(colour), "PNG"))
    assert picture.pixels[0, 0].tolist() == [255, 255, 255] and picture.pixels[15, 20].tolist() == list(colour[:3])
    assert picture.notes == ("Transparent parts were laid on white.",)


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("colour", [(255, 255, 255, 255), (250, 250, 245, 255), (255, 255, 80, 255)])
def test_a_drawing_that_would_vanish_on_white_is_laid_on_black(colour, mode):
    picture = load_picture(encode(drawing(colour, mode=mode), "PNG"))
    assert picture.pixels[0, 0].tolist() == [0, 0, 0] and picture.pixels[15, 20].min() >= 80
    assert len(picture.notes) == 1 and "black" in picture.notes[0] and "vanish" in picture.notes[0]


@pytest.mark.parametrize("other", [(220, 30, 30, 255), (90, 90, 90, 255)])
def test_a_white_drawing_with_a_part_that_black_shows_is_laid_on_black(other):
    image = drawing((255, 255, 255, 255))
    image.paste(other, (5, 10, 15, 20))
    pixels = load_picture(encode(image, "PNG")).pixels
    assert pixels[0, 0].tolist() == [0, 0, 0] and pixels[15, 10].tolist() == list(other[:3])


@pytest.mark.parametrize("width", [2, 4])
def test_a_white_line_whose_edges_were_mixed_with_hidden_black_is_laid_on_black(width):
    image = Image.new("RGBA", (512, 512), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((80, 80, 430, 430), outline="white", width=4 * width)
    small = cv2.resize(np.asarray(image), (128, 128), interpolation=cv2.INTER_AREA)  # colours, too, without their alpha
    pixels = load_picture(Image.fromarray(small)).pixels
    assert pixels[0, 0].tolist() == [0, 0, 0] and np.ptp(pixels) > 200


def test_a_white_drawing_with_a_dark_part_stays_on_white():
    image = drawing((255, 255, 255, 255))
    image.paste((20, 20, 20, 255), (5, 10, 12, 20))
    assert load_picture(encode(image, "PNG")).pixels[0, 0].tolist() == [255, 255, 255]


def test_an_entirely_transparent_picture_is_said():
    picture = load_picture(encode(Image.new("RGBA", (9, 9), (10, 20, 30, 0)), "PNG"))
    assert (picture.pixels == 255).all() and "entirely transparent" in picture.notes[0]


@pytest.mark.parametrize("mode", ["RGBa", "La", "RGBA", "LA"])
def test_hidden_colours_reach_no_model(mode):
    hidden = [drawing((90, 90, 90, 255), background) for background in ((200, 0, 0, 0), (0, 200, 0, 0))]
    if mode in ("La", "LA"):
        hidden = [image.convert("LA") for image in hidden]
    one, other = (load_picture(image.convert(mode)) for image in hidden)
    assert one.digest == other.digest and one.pixels[15, 20].tolist() == [90, 90, 90]


def test_half_transparent_colours_are_mixed_with_the_ground():
    picture = load_picture(encode(Image.new("RGBA", (4, 4), (100, 0, 0, 128)), "PNG"))
    assert np.abs(picture.pixels[0, 0].astype(int) - (177, 127, 127)).max() <= 1
