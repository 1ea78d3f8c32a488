"""Damaged picture files, made anew from a seed: nothing of them is kept."""

import functools
import io
import random
import struct
import zlib

import numpy as np
from PIL import Image

from tests.core.inputs.tiffs import grey, page, pages

LARGE = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def _image(mode: str, width: int = 24, height: int = 16) -> Image.Image:
    pixels = np.random.default_rng(len(mode)).integers(0, 256, (height, width, 3), np.uint8)
    pixels[4:12, 4:20] = (200, 40, 40)
    return Image.fromarray(pixels).convert(mode)


def _saved(image: Image.Image, format_: str, **options) -> bytes:
    file = io.BytesIO()
    if "append_images" in options:
        options["append_images"] = [each.copy() for each in options["append_images"]]
    image.copy().save(file, format_, **options)  # what one format left on an image confuses the next
    return file.getvalue()


def _exif(orientation: int = 6) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x011A] = orientation, "Camera", 72.0
    return exif


@functools.cache
def whole_files() -> dict[str, bytes]:
    """Small files of every format and of many kinds, by name."""
    rgb, rgba = _image("RGB"), _image("RGB").convert("RGBA")
    rgba.putalpha(Image.linear_gradient("L").resize(rgba.size))
    more = [_image("RGB").transpose(turn) for turn in (Image.Transpose.ROTATE_180, Image.Transpose.FLIP_TOP_BOTTOM)]
    deep = np.arange(24 * 16, dtype=np.uint16).reshape(16, 24) * 100
    several = {"save_all": True, "append_images": more}
    files = {
        "png rgb": _saved(rgb, "PNG", exif=_exif()),
        "png rgba": _saved(rgba, "PNG"),
        "png palette": _saved(rgb.quantize(16), "PNG", transparency=3),
        "png 1": _saved(rgb.convert("1"), "PNG"),
        "png 16": _saved(Image.fromarray(deep), "PNG"),
        "apng": _saved(rgb, "PNG", **several),
        "jpeg": _saved(rgb, "JPEG", exif=_exif()),
        "jpeg progressive": _saved(rgb, "JPEG", progressive=True, icc_profile=b"x" * 300),
        "jpeg cmyk": _saved(_image("CMYK"), "JPEG"),
        "mpo": _saved(rgb, "MPO", exif=_exif(3), **several),
        "webp": _saved(rgb, "WEBP", exif=_exif()),
        "webp lossless": _saved(rgba, "WEBP", lossless=True),
        "webp animated": _saved(rgb, "WEBP", lossless=True, **several),
        "gif": _saved(rgb.quantize(32), "GIF", comment=b"hello"),
        "gif animated": _saved(rgb, "GIF", duration=50, **several),
        "tiff": _saved(rgb, "TIFF", exif=_exif()),
        "tiff lzw": _saved(rgb, "TIFF", compression="tiff_lzw"),
        "tiff jpeg": _saved(rgb, "TIFF", compression="jpeg"),
        "tiff fax": _saved(rgb.convert("1"), "TIFF", compression="group4"),
        "tiff float": _saved(Image.fromarray(deep.astype(np.float32)), "TIFF", compression="tiff_adobe_deflate"),
        "tiff pages": _saved(rgb, "TIFF", **several),
        "tiff white is zero": grey(deep, photometric=0, order=">"),
        "tiff of two": pages([page(b"\0\1" * 192, (24, 16), 8), page(deep.tobytes(), (24, 16), 16)]),
        "bmp": _saved(rgb, "BMP"),
        "bmp palette": _saved(rgb.quantize(16), "BMP"),
        "bmp runs": bmp_runs(),
        "dib": _saved(rgb, "DIB"),
    }
    if "AVIF" in Image.SAVE:
        files["avif"] = _saved(rgb, "AVIF", exif=_exif())
        files["avif animated"] = _saved(rgb, "AVIF", duration=100, **several)
    return files


def bmp_runs() -> bytes:
    """A BMP of run lengths, 8 bits, 24 x 16."""
    runs = b"".join(bytes([12, row, 12, 255 - row, 0, 0]) for row in range(16)) + b"\0\1"
    palette = b"".join(bytes([each, 255 - each, each // 2, 0]) for each in range(256))
    header = struct.pack("<IiiHHIIiiII", 40, 24, 16, 1, 8, 1, len(runs), 0, 0, 0, 0)
    start = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(runs), 0, 0, start) + header + palette + runs


def damaged(seed: int) -> tuple[str, bytes]:
    """(what was done, the file); the same for the same seed."""
    rng, files = random.Random(seed), whole_files()
    name = rng.choice(sorted(files))
    data = bytearray(files[name])
    done = [name]
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        kind = rng.choice(_KINDS)
        done.append(kind.__name__.strip("_"))
        data = bytearray(kind(rng, data) or b"\0")
    return f"{seed}: {', '.join(done)}", bytes(data)


def _cut(rng: random.Random, data: bytearray) -> bytes:
    return data[: rng.randrange(1, len(data) + 1)]


def _flip_bits(rng: random.Random, data: bytearray) -> bytes:
    for _ in range(rng.choice((1, 2, 8, 64))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return data


def _flip_in_head(rng: random.Random, data: bytearray) -> bytes:
    for _ in range(rng.choice((1, 2, 4))):
        data[rng.randrange(min(len(data), 100))] = rng.randrange(256)
    return data


def _wrong_number(rng: random.Random, data: bytearray) -> bytes:
    """A length, offset, size or tag that claims something else."""
    number, layout = rng.choice(LARGE), rng.choice(("<H", ">H", "<I", ">I"))
    at = rng.randrange(len(data))
    size = struct.calcsize(layout)
    data[at : at + size] = struct.pack(layout, number & (1 << 8 * size) - 1)
    return data


def _huge_size(rng: random.Random, data: bytearray) -> bytes:
    """Width and height where each format has them."""
    width, height = (rng.choice((0, 1, 255, 4_000, 20_000, 65_535)) for _ in range(2))
    if data[:4] == b"\x89PNG" and len(data) > 33:
        data[16:24] = struct.pack(">II", width, height)
        data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    elif data[:3] == b"GIF":
        data[6:10] = struct.pack("<HH", width, height)
    elif data[:2] == b"BM":
        data[18:26] = struct.pack("<II", width, height)
    elif (at := data.find(b"\xff\xc0")) > 0:
        data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    elif data[:2] == b"II":
        for tag, value in ((256, width), (257, height)):
            at = data.rfind(struct.pack("<H", tag))
            data[at + 8 : at + 12] = struct.pack("<I", value)
    return data


def _move_a_part(rng: random.Random, data: bytearray) -> bytes:
    start, size, place = rng.randrange(len(data)), rng.randrange(1, 64), rng.randrange(len(data))
    part = data[start : start + size]
    rest = data[:start] + data[start + size :]
    return rest[:place] + part + rest[place:]


def _drop_a_part(rng: random.Random, data: bytearray) -> bytes:
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.randrange(1, 64) :]


def _repeat_a_part(rng: random.Random, data: bytearray) -> bytes:
    start, size = rng.randrange(len(data)), rng.randrange(1, 256)
    return data[: start + size] + data[start:]


def _splice(rng: random.Random, data: bytearray) -> bytes:
    """The head of one format, the body of another."""
    other = whole_files()[rng.choice(sorted(whole_files()))]
    return bytes(data[: rng.randrange(1, len(data) + 1)]) + other[rng.randrange(len(other)) :]


def _rubbish(rng: random.Random, data: bytearray) -> bytes:
    start = rng.randrange(len(data))
    size = rng.randrange(1, 200)
    data[start : start + size] = rng.randbytes(size)
    return data


_KINDS = (
    *(_cut, _flip_bits, _flip_in_head, _wrong_number, _wrong_number, _huge_size),
    *(_move_a_part, _drop_a_part, _repeat_a_part, _splice, _rubbish),
)
