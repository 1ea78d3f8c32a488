"""Pages that are broken, sentences that fit, whatever decoders raise, and memory."""

import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageFile

from core.errors import ImageError
from core.inputs.containers import webp
from core.inputs.large_webp import open_large
from core.inputs.limits import MAX_PIXELS
from core.inputs.pictures import load_picture
from tests.conftest import encode, gradient_picture
from tests.core.inputs.damage import bmp_runs
from tests.core.inputs.tiffs import page, pages, tiff

IMAGE = gradient_picture(40, 60)


def test_of_pages_the_first_that_is_intact_is_used():
    ramp = np.arange(600, dtype=np.uint8).reshape(20, 30).tobytes()
    good, other = page(ramp, (30, 20), 8), page(bytes(600), (30, 20), 8)
    none, nowhere = page(ramp, (30, 20), 8, without=(256, 257)), page(b"\0", (30, 20), 8)
    for several, number in (([good, other], 1), ([none, good], 2), ([none, nowhere[:1] + good[1:], good], 2)):
        picture = load_picture(pages(several))
        assert f"{len(several)} pages" in picture.notes[0], picture.notes
        assert ("first one is used" if number == 1 else f"number {number} is used") in picture.notes[0]
    assert np.array_equal(load_picture(pages([none, good])).pixels[..., 0].ravel(), np.frombuffer(ramp, np.uint8))


def test_a_page_that_is_too_large_is_said_and_not_replaced_by_another():
    with pytest.raises(ImageError, match="144 megapixels"):
        load_picture(pages([page(b"\0", (12_000, 12_000), 8), page(bytes(600), (30, 20), 8)]))


def test_many_large_pages_that_break_off_are_given_up(monkeypatch):
    broken = page(b"\x80\x0b", (30, 20), 8, tags=[(259, 3, (5,))])
    data = pages([broken, broken, broken, page(bytes(600), (30, 20), 8)])
    assert load_picture(data).notes[0].endswith("number 4 is used, the first that is intact.")
    monkeypatch.setattr("core.inputs.decoding.MAX_PIXELS", 3 * 600)
    with pytest.raises(ImageError, match="damaged or cut off"):
        load_picture(data)


def test_a_chain_of_pages_that_bites_its_tail_ends():
    data = bytearray(pages([page(bytes(600), (30, 20), 8)]))
    data[-4:] = data[4:8]
    assert load_picture(bytes(data)).size == (30, 20)


def unusual_bmp():
    data = bytearray(encode(IMAGE, "BMP"))
    data[28] = 64
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (unusual_bmp(), "unusual kind of BMP that cannot be read. Save it as PNG"),
        (tiff(bytes(4 * 600), (30, 20), 8, channels=4, photometric=10), "unusual kind of TIFF"),
        (tiff(np.zeros(600, np.float16).tobytes(), (30, 20), 16, sample_format=3), "unusual kind of TIFF"),
        (tiff(b"\0", (30, 20), 8), "a TIFF that is damaged"),
        (b"II*\0\x08\0\0\0", "a TIFF that is damaged"),
        (b"GIF89a", "a GIF that is damaged"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "a PNG that is damaged"),
        (b"\xff\xd8\xff\xe0", "a JPEG that is damaged"),
        (b"RIFF\x20\0\0\0WEBPVP8 ", "a WebP that is damaged"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1avif", "an AVIF that is damaged"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "a BMP that is damaged"),
    ],
    ids=["BMP", "TIFF", "half floats", "cut TIFF", "no page", "GIF", "PNG", "JPEG", "WebP", "AVIF", "cut BMP"],
)
def test_the_sentence_names_the_format_and_fits(data, sentence):
    with pytest.raises(ImageError, match=sentence):
        load_picture(data)


RAISED = [
    *(struct.error("x"), IndexError("x"), KeyError(9), TypeError("x"), AttributeError("x"), ZeroDivisionError("x")),
    *(SyntaxError("x"), RecursionError("x"), Image.DecompressionBombError("x"), zlib.error("x"), OSError("x")),
    *(ValueError("x"), EOFError(), AssertionError(), OverflowError("x"), UnicodeDecodeError("utf-8", b"", 0, 0, "x")),
    *(RuntimeError("x"), StopIteration(), NotImplementedError(), BufferError()),
]


@pytest.mark.parametrize("raised", RAISED, ids=lambda raised: type(raised).__name__)
def test_whatever_a_decoder_raises_becomes_a_sentence(monkeypatch, raised):
    def load(self):
        raise raised

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(ImageError, match="This is a PNG that is damaged"):
        load_picture(encode(IMAGE, "PNG"))


def test_too_little_memory_is_said(monkeypatch):
    def load(self):
        raise MemoryError

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)
    with pytest.raises(ImageError, match="not enough memory"):
        load_picture(encode(IMAGE, "PNG"))


def test_a_bmp_of_run_lengths_is_read_and_a_huge_one_refused():
    assert load_picture(bmp_runs()).size == (24, 16)
    data = bytearray(bmp_runs())
    data[18:26] = struct.pack("<ii", 9_000, 9_000)
    with pytest.raises(ImageError, match="This kind of BMP takes too long .* beyond 8 megapixels, and has 81"):
        load_picture(bytes(data))


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_large_webp_has_the_pixels_that_pillow_reads(mode):
    image = gradient_picture(301, 203).convert(mode)
    for options in ({"quality": 40}, {"lossless": True}):
        data = webp.first_frame(encode(image, "WEBP", **options)).data
        assert load_picture(open_large(data)).digest == load_picture(data).digest


PEAK = """
import re, sys
from pathlib import Path
from PIL import Image
from core.inputs.pictures import digest_of, load_picture
load_picture(Image.new("RGB", (9, 9)))
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
start, data = peak(), Path(sys.argv[1]).read_bytes()
picture = load_picture(data)
print(picture.pixels.size, peak() - start)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="measured by Linux's /proc")
def test_a_small_file_of_floats_takes_less_than_a_gigabyte(tmp_path):
    side = int(MAX_PIXELS**0.5)
    Image.new("F", (side, side)).save(tmp_path / "depth.tif", compression="tiff_adobe_deflate")
    assert (tmp_path / "depth.tif").stat().st_size < 2**20
    line = [sys.executable, "-c", PEAK, str(tmp_path / "depth.tif")]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    values, megabytes = map(float, done.stdout.split())
    assert values == 3 * side**2 and 300 < megabytes < 1024, done.stdout


def test_a_chunk_that_claims_gigabytes_never_reaches_opencv(monkeypatch):
    """OpenCV makes room for a chunk before it looks whether it is there: 4 GB for a file of 400 bytes."""
    data = cv2.imencode(".png", np.zeros((9, 9, 3), np.uint16))[1].tobytes()
    place = data.index(b"IDAT") - 4
    asked = []
    monkeypatch.setattr("core.inputs.decoding.read_samples", lambda *given: asked.append(given))
    claims = load_picture(data[:place] + b"\xff\xff\0\1" + data[place + 4 :])
    assert any("upper 8 are used" in note for note in claims.notes) and not asked
    with pytest.raises(ImageError, match="a PNG that is damaged"):
        load_picture(data[:29] + bytes(4) + data[33:])  # Pillow refuses the header: the sum is wrong
    assert not asked
    load_picture(data)
    assert len(asked) == 1
