"""Colours of more than 8 bits, which Pillow cuts to 8 or refuses: read by OpenCV."""

import numpy as np
from PIL import Image

from core.inputs.containers.first_frame import Meaning
from core.inputs.opencv import read_values
from core.inputs.samples import STRIP, Samples

MOST_BYTES = 320_000_000
"""Of values at once: more take over a gigabyte with all that is made of them, and Pillow's 8 bits have to do."""


def read_samples(data: bytes, meaning: Meaning) -> np.ndarray | None:
    """The values of a file that says so much about them; None if OpenCV cannot read it.

    Returns:
        [height, width], or [height, width, 3 or 4] in the order blue, green, red, alpha.
    """
    values = read_values(data)
    if values is None or values.dtype == np.uint8 or not values.size or (values.ndim == 3 and values.shape[2] < 3):
        return None
    if values.dtype == np.uint16 and meaning.bits < 16:
        values >>= 16 - meaning.bits  # OpenCV moves 10, 12 and 14 bits to the upper end of 16
    if values.dtype.kind in "iu" and values.dtype.itemsize == 8:
        values = values.astype(np.float64)  # beyond 32 bits they are counted as fractions are
    return values if values.ndim == 2 or meaning.has_alpha else values[..., :3]


def agrees(values: np.ndarray, image: Image.Image) -> bool:
    """Whether these are the values of which Pillow shows the upper 8 bits: then both read the file alike."""
    if values.dtype != np.uint16 or values.ndim != 3 or values.shape[1::-1] != image.size:
        return False
    order, mode = ([2, 1, 0, 3], "RGBA") if values.shape[2] == 4 else ([2, 1, 0], "RGB")
    step = max(1, STRIP // image.width)
    for top in range(0, image.height, step):
        strip = image.crop((0, top, image.width, min(top + step, image.height))).convert(mode)
        if not np.array_equal((values[top : top + step] >> 8)[..., order], np.asarray(strip)):
            return False
    return True


def parts(values: np.ndarray, bits: int) -> tuple[Samples, np.ndarray | None]:
    """(the colours, red first, or the greys; alpha as uint8 or None), without a copy of the colours."""
    if values.ndim == 2:
        return Samples.of_array(values), None
    samples = Samples.of_array(values[..., 2::-1])
    if values.shape[2] == 3:
        return samples, None
    alpha = values[..., 3]
    eight = np.clip(alpha, 0, 1) * 255 if alpha.dtype.kind == "f" else alpha >> (bits - 8)
    return samples, eight.astype(np.uint8)
