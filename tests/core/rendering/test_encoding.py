"""Pictures as bytes: what is written is read back."""

import base64
import io

import numpy as np
from PIL import Image

from core.rendering.encoding import data_uri, encode, png

PIXELS = np.zeros((20, 30, 3), np.uint8)
PIXELS[:, 15:] = (200, 40, 90)


def read(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_png_has_every_pixel():
    assert read(png(PIXELS)).format == "PNG"
    assert np.array_equal(np.asarray(read(png(PIXELS))), PIXELS)


def test_jpeg_is_near_and_keeps_edges_of_colour():
    assert read(encode(PIXELS)).format == "JPEG"
    assert np.abs(np.asarray(read(encode(PIXELS))).astype(int) - PIXELS).max() < 25


def test_an_address_holds_the_picture():
    head, data = data_uri(PIXELS).split(",")
    assert head == "data:image/jpeg;base64" and base64.b64decode(data) == encode(PIXELS)
