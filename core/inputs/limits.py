"""How large a picture may be."""

from core.errors import ImageError

MAX_PIXELS = 100_000_000
MAX_BYTES = 200 * 1024 * 1024
MAX_ASPECT = 200  # Qwen's own image processors refuse thinner pictures
FULL_JPEG = 66_000_000
"""Pixels up to which a JPEG is read in full; cameras of "64 megapixels" have a few more."""


def check_size(width: int, height: int) -> None:
    """Before any pixel is decoded: a small file can claim gigabytes.

    Raises:
        ImageError: it is too large, or too thin.
    """
    if width <= 0 or height <= 0:
        raise ImageError("The picture has no pixels. Save or send it again.")
    if width * height > MAX_PIXELS:
        raise ImageError(
            f"The picture has {width} x {height} pixels ({width * height / 1e6:.0f} megapixels); at most "
            f"{MAX_PIXELS // 10**6} megapixels can be read. Make it smaller first."
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise ImageError(
            f"The picture is {width} x {height} pixels; the model cannot see one more than {MAX_ASPECT} times as "
            "long as it is wide. Crop it."
        )
