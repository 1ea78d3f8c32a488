"""Bad metadata around good pixels: they are shown, upright, and nothing is said of it."""

import struct
import zlib

import numpy as np
import pytest

from core.inputs.colours import turned
from core.inputs.pictures import digest_of, load_picture
from tests.conftest import encode, gradient_picture
from tests.core.inputs.tiffs import tiff
from tests.some import some

IMAGE = gradient_picture(40, 60)
UPRIGHT = np.rot90(np.asarray(IMAGE), -1)


def exif_block(entries, order="<", after=b""):
    """An EXIF block of these (tag, type, count, value) as they are, right or wrong."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(entries))
    body = b"".join(struct.pack(f"{order}HHI", *each[:3]) + each[3] for each in entries)
    return head + body + bytes(4) + after


def short(value, order="<"):
    return struct.pack(f"{order}HH", value, 0)


ORIENTATION = (0x0112, 3, 1, short(6))
BAD_EXIF = {
    "width as a fraction that is not there": exif_block([ORIENTATION, (0x0100, 5, 1, b"\xff\xff\xff\x7f")]),
    "a type that there is not": exif_block([(0x010F, 77, 3, b"abcd"), ORIENTATION]),
    "a length beyond everything": exif_block([ORIENTATION, (0x0131, 2, 0xFFFFFFFF, b"\x10\0\0\0")]),
    "a sub-directory in itself": exif_block([ORIENTATION, (0x8769, 4, 1, struct.pack("<I", 8))]),
    "a sub-directory out of the file": exif_block([ORIENTATION, (0x8825, 4, 1, b"\xff\xff\xff\xff")]),
    "resolution of nothing by nothing": exif_block(
        [ORIENTATION, (0x011A, 5, 1, struct.pack("<I", 38))], after=bytes(8)
    ),
    "a long for a short": exif_block([(0x0112, 4, 1, struct.pack("<I", 6))]),
    "the other byte order": exif_block([(0x0112, 3, 1, short(6, ">")), (0x0100, 5, 1, b"\xff" * 4)], ">"),
}
NO_ORIENTATION = {
    "nothing": b"",
    "no header": b"hello, I am no EXIF",
    "cut off": exif_block([ORIENTATION])[:12],
    "an orientation of 9": exif_block([(0x0112, 3, 1, short(9))]),
    "an orientation as text": exif_block([(0x0112, 2, 4, b"six\0")]),
    "a directory beyond the end": b"II*\0\xff\xff\xff\xff",
}


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_with(*chunks, data=None):
    data = data or encode(IMAGE, "PNG")
    return data[:33] + b"".join(png_chunk(*each) for each in chunks) + data[33:]


def jpeg_with(*segments, **options):
    data = encode(IMAGE, "JPEG", **options)
    return data[:2] + b"".join(m + struct.pack(">H", len(b) + 2) + b for m, b in segments) + data[2:]


def webp_with(exif):
    data = encode(IMAGE, "WEBP", lossless=True, exif=b"Exif\0\0" + exif_block([ORIENTATION]))
    start = data.index(b"EXIF")
    chunks = data[12:start] + b"EXIF" + struct.pack("<I", len(exif)) + exif + bytes(len(exif) % 2)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks


def with_exif(kind, exif):
    if kind == "PNG":
        return png_with((b"eXIf", exif))
    if kind == "WEBP":
        return webp_with(exif)
    return jpeg_with((b"\xff\xe1", b"Exif\0\0" + exif), quality=95)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("name", BAD_EXIF)
def test_pixels_are_upright_whatever_else_exif_says(kind, name):
    picture = load_picture(with_exif(kind, BAD_EXIF[name]))
    assert picture.notes == ("The camera's orientation mark was applied.",)
    assert picture.pixels.shape == UPRIGHT.shape
    assert np.abs(picture.pixels.astype(int) - UPRIGHT).mean() < (6 if kind == "JPEG" else 0.01)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("name", NO_ORIENTATION)
def test_an_orientation_that_makes_no_sense_is_none(kind, name):
    picture = load_picture(with_exif(kind, NO_ORIENTATION[name]))
    assert picture.size == IMAGE.size and picture.notes == ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_no_byte_of_exif_can_cost_the_picture(kind):
    """Every byte of a block is changed, to several values: at most the orientation changes with it."""
    block = exif_block([(0x010F, 2, 4, b"Me!\0"), ORIENTATION, (0x8769, 4, 1, b"\x32\0\0\0")], after=bytes(9))
    lying = load_picture(with_exif(kind, b"")).pixels
    known = {digest_of(np.ascontiguousarray(turned(lying, turn))) for turn in range(1, 9)}
    for place in some(range(len(block))):
        for value in (0, 1, 0x2A, 0x7F, 0xFF):
            changed = block[:place] + bytes([value]) + block[place + 1 :]
            assert load_picture(with_exif(kind, changed)).digest in known, f"byte {place} as {value}"


BROKEN_CHUNKS = {
    "a compressed text that is none": [(b"zTXt", b"k\0\0nonsense")],
    "a compressed text of another way": [(b"zTXt", b"k\0\7nonsense")],
    "a text of 100 MB": [(b"zTXt", b"k\0\0" + zlib.compress(bytes(100 << 20), 9))],
    "many texts": [(b"tEXt", b"k%d\0" % each + bytes(1 << 20)) for each in range(80)],
    "a text that is no Latin": [(b"iTXt", b"\xff\0\1\0\xff\0\xff\0" + zlib.compress(b"\xff"))],
    "a profile that is none": [(b"iCCP", b"p\0\7\0\1")],
    "an empty profile": [(b"iCCP", b"")],
    "chromaticity cut short": [(b"cHRM", b"\0\1")],
    "gamma cut short": [(b"gAMA", b"\0")],
    "resolution cut short": [(b"pHYs", b"\0")],
    "XMP that is no XML": [(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<tiff:Orientation>9")],
    "an animation without frames": [(b"acTL", b"\0\0\0\0\0\0\0\0")],
    "an animation cut short": [(b"acTL", b"\0")],
    "frames out of order": [(b"acTL", b"\0\0\0\2\0\0\0\0"), (b"fcTL", bytes(26)), (b"fcTL", bytes(26))],
}


@pytest.mark.parametrize("name", BROKEN_CHUNKS)
def test_broken_chunks_of_a_png_do_not_matter(name):
    assert load_picture(png_with(*BROKEN_CHUNKS[name])).digest == load_picture(IMAGE).digest


@pytest.mark.parametrize(
    "segment",
    [
        (b"\xff\xe2", b"ICC_PROFILE\0"),
        (b"\xff\xe2", b"ICC_PROFILE\0\7\1nonsense"),
        (b"\xff\xe2", b"MPF\0"),
        (b"\xff\xe2", b"MPF\0II*\0\xff\xff\xff\xff"),
        (b"\xff\xe1", b"http://ns.adobe.com/xap/1.0/\0<x"),
        (b"\xff\xed", b"Photoshop 3.0\x008BIM\xff\xff\xff\xff"),
        (b"\xff\xe0", b"JFIF\0"),
        (b"\xff\xfe", b"\xff\xff\xff"),
    ],
    ids=lambda segment: repr(segment[1][:12]),
)
def test_broken_segments_of_a_jpeg_do_not_matter(segment):
    assert load_picture(jpeg_with(segment)).digest == load_picture(encode(IMAGE, "JPEG")).digest


@pytest.mark.parametrize(
    "tags",
    [
        [(700, 1, (1, 2, 3, 4, 5))],
        [(34675, 1, (9,) * 9)],
        [(34665, 4, (0xFFFFFFF0,))],
        [(282, 4, (0,)), (296, 3, (9,))],
        [(33723, 4, (1,) * 9)],
        [(330, 4, (8, 9, 10))],
    ],
    ids=lambda tags: str(tags[0][0]),
)
def test_broken_tags_of_a_tiff_do_not_matter(tags):
    samples = np.asarray(IMAGE).tobytes()
    data = tiff(samples, IMAGE.size, 8, channels=3, photometric=2, tags=[(274, 3, (6,)), *tags])
    assert np.array_equal(load_picture(data).pixels, UPRIGHT)
