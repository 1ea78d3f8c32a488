"""PNG files whose pixels say what is where: masks, and the segments of COCO's panoptic format."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from core.errors import ImageError, InputError
from core.inputs.decoding import in_one_sentence
from core.inputs.decoding_gate import GATE
from core.inputs.limits import check_size
from core.inputs.pictures import read_file


def mask_in(path: Path) -> np.ndarray:
    """The marked pixels of a PNG, bool [height, width]: what is neither black (or the palette's first colour) nor
    transparent.

    Raises:
        InputError: it cannot be read as a PNG.
    """
    values, mode = _pixels(path)
    if mode in ("LA", "RGBA"):
        return (values[..., :-1] != 0).any(-1) & (values[..., -1] != 0)
    return (values != 0).any(-1) if values.ndim == 3 else values != 0


def segments_in(path: Path) -> np.ndarray:
    """The number of the segment at each pixel, int64 [height, width]: red + 256 green + 65,536 blue.

    Raises:
        InputError: it is no PNG of colours.
    """
    values, mode = _pixels(path)
    if mode not in ("RGB", "RGBA"):
        raise InputError(f"The segments in {path.name} are written as colours, and this PNG has none.")
    return values[..., :3].astype(np.int64) @ np.array([1, 256, 65_536])


def _pixels(path: Path) -> tuple[np.ndarray, str]:
    """Values as they are stored, [height, width] or [height, width, channels], and Pillow's name of their kind."""
    data = read_file(path)
    if not data.startswith(b"\x89PNG"):
        raise InputError(f"The mask {path.name[:100]!r} is no PNG.")
    with in_one_sentence(ImageError(f"The mask {path.name[:100]!r} is damaged or cut off.")):
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            check_size(*image.size)
            with GATE.room_for(image.width * image.height):
                return np.asarray(image), image.mode
