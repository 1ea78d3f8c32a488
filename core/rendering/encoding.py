"""Pictures -> PNG, JPEG and data-URI bytes."""

import base64
import io

import numpy as np
from PIL import Image


def png(pixels: np.ndarray) -> bytes:
    """The bytes of a PNG file."""
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "PNG", compress_level=3)
    return data.getvalue()


def encode(pixels: np.ndarray) -> bytes:
    """JPEG bytes for a page; PNG of the same picture takes several times as long."""
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, "JPEG", quality=90, subsampling=0)
    return data.getvalue()


def data_uri(pixels: np.ndarray) -> str:
    """A picture as an address that holds it."""
    return "data:image/jpeg;base64," + base64.b64encode(encode(pixels)).decode()
