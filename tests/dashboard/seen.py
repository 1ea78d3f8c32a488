"""How far two pictures differ to the eye."""

import io

import numpy as np
from PIL import Image

VISIBLE = 32
"""Levels of 256 in a channel by which one sees that a pixel is another."""


def pixels_of(data: bytes) -> np.ndarray:
    """A picture file as uint8 RGB."""
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def share_that_differs(first: np.ndarray, second: np.ndarray) -> float:
    """Share of the pixels of two pictures of one size that differ visibly."""
    return float((np.abs(first.astype(int) - second).max(-1) > VISIBLE).mean())
