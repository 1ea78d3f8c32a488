"""Qwen's patches as one picture and back, for tests that paint on it."""

from core.models.pixel_layout import PATCHES
from core.models.token_layout import TokenLayout


def to_picture(pixels, grid):
    """Patch values [patches, values] -> normalised picture, float32 [height, width, 3]."""
    (picture,) = PATCHES.unfold(pixels, [TokenLayout.single(*grid)])
    return picture


def from_picture(picture, like, grid):
    """The inverse of `to_picture`; `like` has the shape of the result."""
    return PATCHES.fold([picture], like, [TokenLayout.single(*grid)])
