"""A PIL image in strips of rows, so that what is made of it is never there twice as a whole."""

from collections.abc import Iterator

from PIL import Image

_PIXELS = 1_000_000


def strips_of(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    """(rows, that part of the picture), from top to bottom."""
    width, height = image.size
    step = max(1, _PIXELS // width)
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        yield rows, image.crop((0, rows.start, width, rows.stop))
