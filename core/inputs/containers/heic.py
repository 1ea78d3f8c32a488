"""HEIC, where the package pillow-heif is installed."""

import io

from PIL import Image

from core.errors import ImageError


def open_image(data: bytes) -> Image.Image:
    """The main picture of the file, as it is to be seen: turned already.

    Raises:
        ImageError: pillow-heif is not installed.
    """
    try:
        import pillow_heif  # optional: its library is large, and most people have none of these files
    except ImportError:
        raise ImageError(
            "This is a HEIC picture, as phones take them. Save or export it as JPEG, or have whoever runs this "
            "program install pillow-heif."
        ) from None
    return pillow_heif.HeifImageFile(io.BytesIO(data))
