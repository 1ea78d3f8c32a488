"""A file is what its first bytes say, whatever it is called."""

import io
import re
import struct

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.inputs.colours import turned
from core.inputs.containers import avif
from core.inputs.formats import ENDINGS, FORMATS, format_of
from core.inputs.other_files import what_it_is
from core.inputs.pictures import load_picture
from tests.conftest import encode, gradient_picture
from tests.core.inputs.damage import whole_files
from tests.core.inputs.tiffs import tiff


@pytest.mark.parametrize("name", ["photo.jfif", "photo.jpe", "photo.mpo", "photo", "photo.txt", "photo.PNG", ".hidden"])
def test_the_content_counts_and_not_the_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(encode(gradient_picture(20, 30), "JPEG"))
    assert load_picture(path).size == load_picture(str(path)).size == (30, 20)


@pytest.mark.parametrize("name", sorted(whole_files()))
def test_each_format_is_known_by_its_first_bytes(name):
    first = name.split()[0].upper()
    expected = {"APNG": "PNG", "MPO": "JPEG"}.get(first, first)
    assert format_of(whole_files()[name]) == format_of(whole_files()[name][:32] + bytes(999)) == expected


def box(brand, *others):
    body = brand + bytes(4) + b"".join(others)
    return struct.pack(">I", 8 + len(body)) + b"ftyp" + body


OTHERS = {
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "SVG drawing": b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- made by hand -->\n<svg/>",
    "DICOM": bytes(128) + b"DICM" + bytes(99),
    "Photoshop": b"8BPS\0\1" + bytes(40),
    "JPEG XL": b"\xff\x0a\xfa\x7f",
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n",
    "EPS": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    "web page": b"\n<!DOCTYPE html><html><body><img></body></html>",
    "video": box(b"isom", b"mp41"),
    "a video": b"\x1aE\xdf\xa3" + bytes(40),
    "Windows Media video (WMV or ASF)": b"\x30\x26\xb2\x75\x8e\x66" + bytes(40),
    "Flash video (FLV)": b"FLV\1" + bytes(40),
    "MPEG transport stream (TS)": (b"\x47" + bytes(187)) * 2,
    "ZIP": b"PK\3\4" + bytes(40),
    "raw file": b"FUJIFILMCCD-RAW 0201",
    "raw file ": box(b"crx "),
    "icon": b"\0\0\1\0\1\0" + bytes(40),
    "FITS": b"SIMPLE  =                    T",
    "archive": b"\x1f\x8b" + bytes(40),
    "PNM": b"P6\n3 2\n255\n" + bytes(18),
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_not_read_is_named_with_what_to_do(name):
    with pytest.raises(ImageError, match=rf"{re.escape(name.strip())}.* not a picture that can be read\. [A-Z].*\.$"):
        load_picture(OTHERS[name])


def test_a_tga_is_no_pointer():
    file = io.BytesIO()
    gradient_picture(8, 8).save(file, "TGA")
    assert file.getvalue()[:4] == b"\0\0\2\0"
    with pytest.raises(ImageError, match="^This file is not a picture that can be read"):
        load_picture(file.getvalue())


needs_avif = pytest.mark.skipif("AVIF" not in FORMATS, reason="this Pillow reads no AVIF")


@needs_avif
def test_frames_of_an_avif_are_counted():
    file, picture = io.BytesIO(), gradient_picture(40, 60)
    picture.save(file, "AVIF", save_all=True, append_images=[picture.rotate(90), picture.rotate(180)])
    assert load_picture(file.getvalue()).notes == ("The file has 3 frames; the first one is used.",)


@needs_avif
@pytest.mark.parametrize("orientation", range(2, 9))
def test_an_avif_is_turned_and_mirrored_as_it_says(orientation):
    lying = np.zeros((40, 60, 3), np.uint8)
    lying[:20, :30], lying[:20, 30:], lying[20:, :30] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    exif, file = Image.Exif(), io.BytesIO()
    exif[0x0112] = orientation
    Image.fromarray(lying).save(file, "AVIF", quality=95, exif=exif)
    assert b"irot" in file.getvalue() or b"imir" in file.getvalue()
    expected = turned(lying, orientation)
    picture = load_picture(file.getvalue())
    assert picture.pixels.shape == expected.shape and "The camera's orientation mark was applied." in picture.notes
    assert np.abs(picture.pixels.astype(int) - expected).mean() < 12


@needs_avif
def test_transparent_parts_of_an_avif_are_laid_on_a_ground():
    file, drawn = io.BytesIO(), np.zeros((40, 60, 4), np.uint8)
    drawn[:, 30:] = (200, 40, 40, 255)
    Image.fromarray(drawn).save(file, "AVIF", quality=95)
    picture = load_picture(file.getvalue())
    assert (picture.pixels[:, :25] > 245).all() and "white" in picture.notes[0]


@pytest.mark.parametrize(
    ("coded", "bits"),
    [
        (b"av1C\x81\x00\x0c", 8),
        (b"av1C\x81\x00\x4c", 10),
        (b"av1C\x81\x40\x6c", 12),
        (b"av1C\x81\x00\x0c....av1C\x81\x00\x4c", 10),
        (b"hvcC\x01" + bytes(16) + b"\xfa", 10),
        (b"hvcC\x01" + bytes(16) + b"\xf8", 8),
        (b"", 8),
    ],
)
def test_bits_of_a_sample_are_read_from_how_it_is_coded(coded, bits):
    assert avif.bits_of(b"meta" + coded + b"mdat") == bits


def test_more_than_8_bits_of_a_heic_are_said():
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which reads HEIC, is not installed")
    values, file = np.linspace(0, 65535, 48 * 64 * 3).astype(np.uint16), io.BytesIO()
    pillow_heif.from_bytes("RGB;16", (64, 48), values.tobytes()).save(file, quality=90)
    picture = load_picture(file.getvalue())
    assert picture.notes == ("The picture has more than 8 bits a channel, of which the upper 8 are used.",)
    assert picture.pixels[0, 0].max() < 16 and picture.pixels[-1, -1].min() > 240


RAW = {
    "a DNG": tiff(bytes(600), (30, 20), 8, tags=[(50706, 1, (1, 4, 0, 0))]),
    "a sensor's pattern": tiff(bytes(600), (30, 20), 8, photometric=32803),
    "a thumbnail of a camera": tiff(bytes(600), (30, 20), 8, tags=[(254, 4, (1,)), (271, 2, (78, 0)), (330, 4, (8,))]),
    "a CR2": b"II*\0\x10\0\0\0CR\2\0" + bytes(99),
}


@pytest.mark.parametrize("name", RAW)
def test_a_raw_file_is_not_shown_as_its_thumbnail(name):
    with pytest.raises(ImageError, match="camera's raw file"):
        load_picture(RAW[name])


@pytest.mark.parametrize("data", [b"", b"B", b"BMW makes cars.\n" * 9, b"\0" * 99, b"GIF", b"ftyp"])
def test_what_is_nothing_known_is_no_picture(data):
    with pytest.raises(ImageError):
        load_picture(data)
    assert "not a picture" in what_it_is(data)


@pytest.mark.parametrize("source", [None, 7, 1.5, [], ["a.png"], object(), {}])
def test_what_is_no_source_is_said(source):
    with pytest.raises(ImageError, match="A picture is the bytes of a file, its path or a PIL image"):
        load_picture(source)


@pytest.mark.parametrize("kind", [bytearray, memoryview])
def test_other_kinds_of_bytes_are_bytes(picture_bytes, kind):
    assert load_picture(kind(picture_bytes)).digest == load_picture(picture_bytes).digest


@pytest.mark.parametrize("path", ["", "\0", "a\0b.png", "/", "/dev/zero", "x" * 5000, "\udcff.png", "no/photo.png"])
def test_a_path_that_is_no_file_is_said_without_the_folder(path):
    with pytest.raises(ImageError) as raised:
        load_picture(path)
    assert "/" not in str(raised.value) and len(str(raised.value)) < 250


def test_pil_images_in_a_bad_state_are_said():
    closed = Image.new("RGB", (9, 9))
    closed.close()
    for image in (closed, Image.new("RGB", (0, 5)), Image.new("L", (5, 5000))):
        with pytest.raises(ImageError):
            load_picture(image)


def test_endings_are_those_of_files_that_are_read():
    assert {"png", "jpg", "jpeg", "jpe", "jfif", "mpo", "webp", "gif", "tif", "tiff", "bmp", "dib"} <= set(ENDINGS)
    assert {"avif", "heic", "heif"} <= set(ENDINGS)
    assert all(each == each.lower() and "." not in each for each in ENDINGS) and "svg" not in ENDINGS


def test_heic_is_read_where_its_package_is_installed_or_it_is_said(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)
    with pytest.raises(ImageError, match="HEIC picture.*JPEG.*install pillow-heif"):
        load_picture(box(b"heic", b"mif1") + bytes(99))


def test_heic_pixels():
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif, which reads HEIC, is not installed")
    file = io.BytesIO()
    pillow_heif.from_pillow(gradient_picture(40, 60)).save(file, quality=95)
    picture = load_picture(file.getvalue())
    assert picture.size == (60, 40) and format_of(file.getvalue()) == "HEIC"
    assert abs(picture.pixels.astype(int) - load_picture(gradient_picture(40, 60)).pixels).mean() < 4
    with pytest.raises(ImageError, match="a HEIC that is damaged"):
        load_picture(file.getvalue()[:200])
