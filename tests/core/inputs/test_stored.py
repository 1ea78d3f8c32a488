"""Pictures that earlier versions stored are found by their digests; a choice is stored with the pixels."""

import hashlib
import io
import math

import cv2
import numpy as np
import pytest
from PIL import Image

from core import Brightness, ImageError, load_picture
from core.inputs import limits
from core.inputs.stored import as_it_was, as_png
from tests.conftest import encode, gradient_picture
from tests.core.inputs.tiffs import grey, tiff

RAMP = np.linspace(0, 1, 30 * 40).reshape(30, 40)


def digest(pixels):
    """As every version has named pixels."""
    return hashlib.sha256(b"rgb8 %d %d " % pixels.shape[:2] + np.ascontiguousarray(pixels).tobytes()).hexdigest()


def grey_before(values):
    """Earlier versions' rule for more than 8 bits, worked out with nothing of ours."""
    values = values.astype(float)
    low, high = (0, 65535) if 255 < values.max() <= 65535 and values.min() >= 0 else (values.min(), values.max())
    level = np.round(255 * (values - low) / max(high - low, 1e-12)).astype(np.uint8)
    return np.repeat(level[..., None], 3, 2)


def found(data, pixels):
    picture = as_it_was(data, digest(pixels))
    return picture is not None and np.array_equal(picture.pixels, pixels) and picture.digest == digest(pixels)


@pytest.mark.parametrize(
    "values",
    [
        np.round(RAMP * 4095).astype(np.uint16),
        np.round(RAMP * 65535).astype(np.uint16),
        np.round(RAMP * 200).astype(np.uint16),
        np.round(RAMP * 4095 - 1024).astype(np.int16),
        (RAMP * 1e6).astype(np.int32),
        (RAMP * 7 - 2).astype(np.float32),
        np.full((30, 40), 9, np.uint16),
    ],
    ids=["12 bits", "16 bits", "8 bits", "signed", "32 bits", "float", "one value"],
)
def test_values_of_many_bits_read_by_the_old_rule_are_found(values):
    assert found(grey(values), grey_before(values))


@pytest.mark.parametrize("wild", [np.nan, np.inf, -np.inf])
def test_values_that_are_no_numbers_read_by_the_old_rule_are_found(wild):
    values = (RAMP * 7 + 1).astype(np.float32)
    values[3, 3] = wild
    black = np.zeros((30, 40, 3), np.uint8)  # what one infinite value made of it
    assert found(grey(values), grey_before(np.nan_to_num(values)) if np.isnan(wild) else black)


def test_a_negative_read_by_the_old_rule_is_found():
    values = np.round(RAMP * 60000).astype(np.uint16)
    assert load_picture(grey(values, photometric=0)).digest != digest(grey_before(values))
    assert found(grey(values, photometric=0), grey_before(values))


def test_colours_of_sixteen_bits_that_were_cut_to_eight_are_found():
    values = np.round(np.stack([RAMP, RAMP[::-1], RAMP], -1) * 30000).astype(np.uint16)
    assert found(cv2.imencode(".png", values[..., ::-1])[1].tobytes(), (values >> 8).astype(np.uint8))


def test_a_white_drawing_on_white_is_found():
    image = Image.new("RGBA", (9, 9), (255, 255, 255, 0))
    image.putpixel((4, 4), (250, 250, 250, 255))
    pixels = np.full((9, 9, 3), 255, np.uint8)
    pixels[4, 4] = 250
    assert found(encode(image, "PNG"), pixels)


def test_a_picture_turned_by_a_mark_that_is_no_longer_heeded_is_found():
    image = gradient_picture(30, 40)
    assert found(encode(image, "PNG"), np.rot90(np.asarray(image), -1))


def test_a_large_jpeg_that_was_read_in_full_is_found(monkeypatch):
    monkeypatch.setattr("core.inputs.decoding.FULL_JPEG", 1000)
    data = encode(gradient_picture(60, 80), "JPEG")
    with Image.open(io.BytesIO(data)) as image:
        assert found(data, np.asarray(image.convert("RGB")))


def test_other_pixels_are_not_found():
    assert as_it_was(encode(gradient_picture(30, 40), "PNG"), "0" * 64) is None


def test_todays_reading_is_found(picture_bytes):
    assert as_it_was(picture_bytes, load_picture(picture_bytes).digest) is not None


def test_a_choice_is_stored_as_the_very_pixels():
    data = encode(Image.fromarray(np.round(RAMP * 4095).astype(np.uint16)), "PNG")
    picture = load_picture(data, Brightness("range", 100, 1000))
    stored = as_png(picture)
    assert load_picture(stored).digest == picture.digest and not load_picture(stored).adjustable
    with Image.open(io.BytesIO(stored)) as image:
        assert image.text["Source sha256"] == hashlib.sha256(data).hexdigest()
        low, high = map(float, image.text["Black and white"].split())
    assert (low, high) == (100, 1000) and math.isfinite(low)


def test_a_camera_picture_is_read_in_full_and_a_larger_one_at_half_its_size_and_says_so():
    assert limits.FULL_JPEG >= 9248 * 6936  # what cameras of "64 megapixels" make
    data = encode(Image.new("RGB", (9_000, 7_400), "teal"), "JPEG")
    picture = load_picture(data)
    assert picture.size == (4_500, 3_700) and "half its width" in picture.notes[0]
    assert picture.digest != digest(picture.pixels)


def test_the_thumbnail_of_a_raw_file_that_was_stored_is_found():
    values = np.round(RAMP * 255).astype(np.uint8)
    data = tiff(values.tobytes(), (40, 30), 8, tags=[(50706, 1, (1, 4, 0, 0))])
    with pytest.raises(ImageError, match="raw file"):
        load_picture(data)
    assert found(data, np.repeat(values[..., None], 3, 2))


def test_what_is_no_picture_is_said():
    with pytest.raises(ImageError, match="not a picture"):
        as_it_was(b"hello", "0" * 64)
