"""Modes become RGB as Pillow makes them, and pictures upright as EXIF asks."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from core.inputs.colours import turned
from core.inputs.pictures import load_picture
from tests.conftest import encode, gradient_picture

MODES = ["1", "L", "P", "RGB", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"]


def lab(image):
    to_lab = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    return ImageCms.applyTransform(image, to_lab)


@pytest.mark.parametrize("mode", MODES)
def test_pil_images_of_ordinary_modes_equal_pillows_own_pixels(mode):
    image = gradient_picture(1300, 1000)  # more than one strip
    image = lab(image) if mode == "LAB" else image.convert(mode)
    picture = load_picture(image)
    assert np.array_equal(picture.pixels, np.asarray(image.convert("RGB"))) and picture.size == (1000, 1300)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "LAB"])
def test_tiff_files_of_ordinary_modes_equal_pillows_own_pixels(mode):
    image = gradient_picture(50, 40)
    data = encode(lab(image) if mode == "LAB" else image.convert(mode), "TIFF")
    with Image.open(io.BytesIO(data)) as opened:
        assert np.array_equal(load_picture(data).pixels, np.asarray(opened.convert("RGB")))


@pytest.mark.parametrize("profile", [b"", b"no profile at all", ImageCms.createProfile("sRGB")])
def test_cmyk_with_a_profile_of_another_kind_is_converted_plainly(profile):
    profile = profile if isinstance(profile, bytes) else ImageCms.ImageCmsProfile(profile).tobytes()
    image = gradient_picture(40, 40).convert("CMYK")
    data = encode(image, "JPEG", quality=95, icc_profile=profile)
    with Image.open(io.BytesIO(data)) as opened:
        assert np.array_equal(load_picture(data).pixels, np.asarray(opened.convert("RGB")))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation(orientation):
    image = gradient_picture(1200, 900)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(image, "PNG", exif=exif)
    with Image.open(io.BytesIO(data)) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened))
    picture = load_picture(data)
    assert np.array_equal(picture.pixels, expected) and picture.pixels.flags["C_CONTIGUOUS"]
    assert np.array_equal(turned(np.asarray(image), orientation), expected)
    assert any("orientation" in note for note in picture.notes) == (orientation != 1)
