import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.inputs import pictures
from core.inputs.decoding_gate import DecodingGate
from core.inputs.pictures import load_picture
from tests.conftest import encode, gradient_picture


def test_the_same_pixels_have_the_same_digest_however_they_are_saved():
    image = gradient_picture(40, 60)
    digests = {load_picture(encode(image, f)).digest for f in ("PNG", "TIFF", "BMP")}
    digests |= {load_picture(encode(image, "WEBP", lossless=True)).digest, load_picture(image).digest}
    assert len(digests) == 1


def test_one_changed_pixel_or_another_shape_changes_the_digest():
    image = Image.new("RGB", (4, 9))
    changed = image.copy()
    changed.putpixel((1, 1), (0, 0, 1))
    digests = [
        load_picture(each).digest for each in (image, changed, Image.new("RGB", (9, 4)), Image.new("RGB", (6, 6)))
    ]
    assert len(set(digests)) == 4


def test_camera_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    picture = load_picture(encode(gradient_picture(40, 60), "JPEG", exif=exif))
    assert picture.size == (40, 60)
    assert any("orientation" in note for note in picture.notes)


def test_16_bit_is_scaled_and_not_white():
    values = np.linspace(0, 65535, 256 * 4).astype(np.uint16).reshape(4, 256)
    picture = load_picture(encode(Image.fromarray(values), "PNG"))
    expected = np.round(values.astype(float) / 257)
    assert np.abs(picture.pixels[..., 0] - expected).max() <= 1
    assert "8 bits" in picture.notes[0]


def test_transparency_is_laid_on_white_and_hides_what_is_under_it():
    image = Image.new("RGBA", (2, 1), (200, 0, 0, 0))
    image.putpixel((1, 0), (200, 0, 0, 255))
    picture = load_picture(encode(image, "PNG"))
    assert picture.pixels.tolist() == [[[255, 255, 255], [200, 0, 0]]]


def test_palette_with_transparency():
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putpixel((1, 0), 1)
    picture = load_picture(encode(image, "PNG", transparency=0))
    assert picture.pixels.tolist() == [[[255, 255, 255], [40, 50, 60]]]


def test_cmyk():
    picture = load_picture(encode(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=100))
    red, green, blue = picture.pixels[4, 4]
    assert red > 200 and green < 60 and blue < 60


@pytest.mark.parametrize("format_", ["GIF", "WEBP"])
def test_of_an_animation_the_first_frame_is_used_and_said(format_):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue", "lime")]
    data = encode(frames[0], format_, save_all=True, append_images=frames[1:], duration=100, lossless=True)
    picture = load_picture(data)
    assert picture.pixels[4, 4].tolist() == [255, 0, 0]
    assert "3 frames" in picture.notes[0]


def test_one_pixel_is_a_picture():
    assert load_picture(Image.new("RGB", (1, 1))).size == (1, 1)


def test_a_large_tiff_named_png_is_read(tmp_path):
    path = tmp_path / "scan.png"
    Image.new("RGB", (10_000, 6_000), "teal").save(path, "TIFF")
    assert load_picture(path).size == (10_000, 6_000)


def png_of_claimed_size(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that unfolds to width x height pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"hello, I am a text file\n" * 50, "not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a picture"),
        (png_of_claimed_size(12_000, 12_000), "144 megapixels"),
        (png_of_claimed_size(30_000, 30_000), "megapixels"),
        (encode(gradient_picture(200, 300), "JPEG")[:2_000], "damaged"),
        (encode(gradient_picture(200, 300), "PNG")[:400], "damaged"),
        (encode(Image.new("RGB", (1, 4_000)), "PNG"), "Crop"),
    ],
    ids=["empty", "text", "eps", "bomb", "larger bomb", "cut JPEG", "cut PNG", "too thin"],
)
def test_what_cannot_be_used_gets_one_sentence(data, sentence):
    with pytest.raises(ImageError, match=sentence):
        load_picture(data)


def test_a_missing_file_is_named():
    with pytest.raises(ImageError, match="nowhere.png"):
        load_picture("nowhere.png")


def test_pixels_are_read_only():
    picture = load_picture(gradient_picture(8, 8))
    with pytest.raises(ValueError):
        picture.pixels[0, 0] = 0
    assert np.asarray(picture.to_pil()).tolist() == picture.pixels.tolist()


def test_a_zip_bomb_in_text_chunks_is_not_unpacked():
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    data = buffer.getvalue()
    bomb = b"zTXt" + b"k\0\0" + zlib.compress(bytes(200 << 20), 9)
    chunk = struct.pack(">I", len(bomb) - 4) + bomb + struct.pack(">I", zlib.crc32(bomb))
    assert load_picture(data[:33] + chunk + data[33:]).digest == load_picture(data).digest


def test_reading_waits_for_room_and_gives_it_back(monkeypatch, picture_bytes):
    """Two threads with pictures of more than half the room take turns."""
    gate = DecodingGate(168 * 224)
    for module in ("decoding", "pictures"):
        monkeypatch.setattr(f"core.inputs.{module}.GATE", gate)
    most, convert = [], pictures.rgb_pixels
    monkeypatch.setattr(pictures, "rgb_pixels", lambda *given: most.append(gate.inside) or convert(*given))
    with ThreadPoolExecutor(4) as pool:
        digests = set(
            pool.map(lambda source: load_picture(source).digest, [picture_bytes, gradient_picture(168, 224)] * 6)
        )
    assert len(digests) == 1 and most == [168 * 224] * 12 and gate.inside == 0
