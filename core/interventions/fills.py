"""What stands in the place of removed pixels: made of what is around them, the same each time. No torch here.

No fill is neutral: a model may never have seen a patch of one colour, blur keeps the tone of a place, and noise looks
like a texture. What all of them agree on is due to what was removed.
"""

from collections.abc import Callable

import cv2
import numpy as np

from core.interventions.blurring import blurred
from core.interventions.report import FILLS, check_fills

_BLUR_SIDE = 1 / 8
_BLUR_ALL = 1 / 2
"""Sigma of the blur as a share of the shorter side: from around a part, and of what is blurred within itself."""
_FINEST = 256
"""Pixels on the shorter side of what is blurred, and specks of noise on it."""
_FAR = 1e-4
"""Weight of the pixels around below which none of them is near; the mean colour stands there."""


def filled(pixels: np.ndarray, removed: np.ndarray, around: np.ndarray, fill: str, seed: int = 0) -> np.ndarray:
    """A picture with a fill in the place of removed pixels.

    Args:
        pixels: uint8 [height, width, 3].
        removed: bool [height, width].
        around: bool [height, width], the pixels of which the fill is made, at least one.
        fill: a name of `FILLS`.
        seed: of noise.

    Returns:
        uint8 [height, width, 3], an array of its own.

    Raises:
        InputError: there is no such fill.
    """
    check_fills(fill)
    return np.where(removed[..., None], _FILLS[fill](pixels, removed, around, seed), pixels)


def _blur(pixels: np.ndarray, removed: np.ndarray, around: np.ndarray, seed: int) -> np.ndarray:
    """Gaussian blur of the pixels around alone, each weighted by how many of them are near (normalised convolution,
    Knutsson and Westin 1993).

    Sigma is an eighth of the shorter side, or half of how deep the part is where that is more, so that its middle is
    reached; half of the shorter side where removed pixels are blurred within themselves, or shapes would stay.
    """
    height, width = removed.shape
    scale = min(1.0, _FINEST / min(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    # Made small as bytes: as floats, a picture of a hundred megapixels would be a gigabyte, several times over.
    weight = cv2.resize(around.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA) / 255
    coloured = cv2.resize(np.where(around[..., None], pixels, 0), size, interpolation=cv2.INTER_AREA)
    if (around & removed).any():
        sigma = _BLUR_ALL * min(size)
    else:
        hole = cv2.resize(removed.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        sigma = max(_BLUR_SIDE * min(size), float(cv2.distanceTransform(hole, cv2.DIST_L2, 3).max()) / 2)
    found = blurred(np.dstack([coloured, weight]), sigma)
    near = found[..., :3] / np.maximum(found[..., 3:], _FAR)
    known = np.where(found[..., 3:] > _FAR, near, _mean(pixels, removed, around, seed)[:1, :1])
    return cv2.resize(_as_bytes(known), (width, height), interpolation=cv2.INTER_LINEAR)


def _mean(pixels: np.ndarray, removed: np.ndarray, around: np.ndarray, seed: int) -> np.ndarray:
    return np.broadcast_to(_as_bytes(pixels[around].mean(0, dtype=np.float64)), pixels.shape)


def _noise(pixels: np.ndarray, removed: np.ndarray, around: np.ndarray, seed: int) -> np.ndarray:
    """Specks of one colour each, drawn with replacement from the pixels around.

    As many on the shorter side whatever the picture's size: pixels alone would be averaged to the mean colour where
    a large picture is made small for the model.
    """
    height, width = removed.shape
    scale = min(1.0, _FINEST / min(height, width))
    rows, columns = max(1, round(height * scale)), max(1, round(width * scale))
    colours = pixels[around]
    drawn = colours[np.random.default_rng(seed).integers(len(colours), size=(rows, columns))]
    return cv2.resize(drawn, (width, height), interpolation=cv2.INTER_NEAREST)


def _as_bytes(colours: np.ndarray) -> np.ndarray:
    return np.rint(np.clip(colours, 0, 255)).astype(np.uint8)


_FILLS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray, int], np.ndarray]] = {
    "blur": _blur,
    "mean": _mean,
    "noise": _noise,
}

if tuple(_FILLS) != FILLS:
    raise RuntimeError("a fill has no words, or words have no fill")
