"""Picture files that were stored: found again by their digest, and written so that no choice is needed to read them."""

import io

import numpy as np
from PIL import Image, PngImagePlugin

from core.errors import ImageError
from core.inputs.colours import turned
from core.inputs.pictures import Picture, digest_of, load_picture, read_picture


def as_it_was(data: bytes, digest: str) -> Picture | None:
    """The picture in the bytes of a file whose pixels are those that a digest names, by today's rules or earlier ones.

    Earlier versions laid transparency on white always, took the range of brightness from the container, cut 16 bits
    of colour to 8, read every JPEG in full, and turned pictures by marks that are no longer heeded.

    Returns:
        None where the file holds no such pixels.

    Raises:
        ImageError: it is no picture.
    """
    try:
        picture = load_picture(data)
    except ImageError:  # refused today, for being a camera's raw file or slow
        picture = None
    if picture is not None and (picture.digest == digest or picture.pages):
        return picture if picture.digest == digest else None  # earlier versions read no documents
    for read in filter(None, (read_picture(data, as_before=True), picture)):
        for orientation in range(1, 9):
            pixels = np.ascontiguousarray(turned(read.pixels, orientation))
            if digest_of(pixels) == digest:
                pixels.setflags(write=False)
                return Picture(pixels, digest, read.notes)
    return None


def as_png(picture: Picture) -> bytes:
    """The very pixels as a PNG of 8 bits a channel: whoever reads it gets the same digest, without a choice.

    Its text says what file it was made of (sha256) and which of that file's values became black and white.
    """
    file, said = io.BytesIO(), PngImagePlugin.PngInfo()
    if picture.source:
        said.add_text("Source sha256", picture.source)
    if picture.value_range:
        low, high = picture.value_range
        said.add_text("Black and white", f"{low!r} {high!r}")
    Image.fromarray(picture.pixels).save(file, "PNG", pnginfo=said, compress_level=1)
    return file.getvalue()
