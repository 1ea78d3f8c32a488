"""Large WebP pictures: OpenCV reads the very pixels that Pillow does, in less than half the memory."""

from PIL import Image

from core.inputs.opencv import read_values

FROM_PIXELS = 40_000_000


def open_large(data: bytes) -> Image.Image:
    """The picture, decoded, as RGB or RGBA. Not for animations."""
    values = read_values(data)
    order = {3: "BGR", 4: "BGRA"}[values.shape[2]]
    size = values.shape[1], values.shape[0]
    return Image.frombuffer("RGBA" if len(order) == 4 else "RGB", size, values, "raw", order, 0, 1)
