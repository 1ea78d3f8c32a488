"""A decoded picture of 8 bits a channel -> RGB pixels."""

import io
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageCms

from core.inputs.strips import strips_of
from core.inputs.transparency import Ground, laid_on


def rgb_pixels(
    image: Image.Image, ground: Ground, orientation: int = 1, icc_profile: bytes | None = None
) -> np.ndarray:
    """uint8 [height, width, 3], upright.

    Args:
        ground: what its transparent parts are laid on.
        orientation: 1 to 8 as in EXIF.
        icc_profile: how its CMYK is meant.
    """
    to_rgb = _converter(image, ground, icc_profile)
    width, height = image.size
    pixels = np.empty((width, height, 3) if orientation >= 5 else (height, width, 3), np.uint8)
    # Written to where they belong: no second copy is turned.
    lying = turned(pixels, {6: 8, 8: 6}.get(orientation, orientation))
    for rows, strip in strips_of(image):
        lying[rows] = np.asarray(to_rgb(strip))
    return pixels


def _converter(image: Image.Image, ground: Ground, icc_profile: bytes | None) -> Callable[[Image.Image], Image.Image]:
    if ground.colour:
        return lambda strip: laid_on(strip, ground.colour)
    if image.mode == "CMYK" and icc_profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(icc_profile))
            transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), "CMYK", "RGB")
            return lambda strip: ImageCms.applyTransform(strip, transform)
        except Exception:  # noqa: BLE001, S110 - a broken profile: the plain conversion is what a viewer would show, too
            pass
    premultiplied = {"La": "LA", "RGBa": "RGBA"}.get(image.mode)
    return lambda strip: (strip.convert(premultiplied) if premultiplied else strip).convert("RGB")


def turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """A view of the pixels, turned as EXIF's orientation, 1 to 8, asks for."""
    match orientation:
        case 2:
            return pixels[:, ::-1]
        case 3:
            return pixels[::-1, ::-1]
        case 4:
            return pixels[::-1]
        case 5:
            return pixels.swapaxes(0, 1)
        case 6:
            return np.rot90(pixels, -1)
        case 7:
            return pixels[::-1, ::-1].swapaxes(0, 1)
        case 8:
            return np.rot90(pixels)
    return pixels
