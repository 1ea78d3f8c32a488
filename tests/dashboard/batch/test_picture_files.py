"""Which files are taken for pictures: by their names or by how they begin."""

import io

import pytest
from PIL import Image, features

from core.inputs.formats import ENDINGS, FORMATS
from dashboard.batch.picture_files import HEAD, is_zip, lies_beside, seems_picture


def head(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, kind)
    return file.getvalue()[:HEAD]


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "DIB"])
@pytest.mark.parametrize("name", ["photo", "IMG.0042", "folder.d/photo", "scan.dat"])
def test_a_picture_is_known_by_how_it_begins(kind, name):
    assert seems_picture(name, head(kind))


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_name_is_enough_and_what_is_wrong_is_said_later(ending):
    assert seems_picture(f"a.{ending}", b"") and seems_picture(f"folder/A.{ending.upper()}", b"no picture")


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("notes.txt", b"just text, a line of it"),
        ("README", b"# Read me"),
        ("png", b""),
        ("film.mp4", b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41"),
        ("numbers.bin", b"\x28\0\0\0" + bytes(28)),
        ("photos.zip", b"PK\x03\x04" + bytes(28)),
        ("a.png.txt", b"text"),
        ("", b""),
    ],
)
def test_other_files_are_none(name, begins):
    assert not seems_picture(name, begins)


@pytest.mark.parametrize(
    "name",
    [
        *("__MACOSX/._x.jpg", "__MACOSX/photos/x.jpg", "photos/._x.jpg", ".DS_Store", "photos\\Thumbs.db"),
        *("THUMBS.DB", "desktop.ini", ".hidden.png", "Icon\r", ""),
    ],
)
def test_what_systems_put_beside_files_is_passed_over(name):
    assert lies_beside(name)


@pytest.mark.parametrize("name", ["x.jpg", "a.b/x.jpg", "photos/thumbs.jpg", "MACOSX/x.jpg"])
def test_people_s_own_files_are_not(name):
    assert not lies_beside(name)


def test_a_zip_is_known_by_how_it_begins():
    assert is_zip(b"PK\x03\x04") and is_zip(b"PK\x05\x06") and not is_zip(b"PK") and not is_zip(head("PNG"))
    assert features.check("avif") == ("AVIF" in FORMATS)
