"""Originals by digest: whole or not there, and no digest names another file."""

import os
import stat

import pytest

from cache import PictureFolder, StoreError
from core.errors import InputError

DIGEST = "0123456789abcdef" * 4


@pytest.fixture
def pictures(tmp_path):
    return PictureFolder(tmp_path / "pictures")


def test_bytes_come_back(pictures):
    assert pictures.get(DIGEST) is None
    pictures.put(DIGEST, b"\x89PNG\0")
    assert pictures.get(DIGEST) == b"\x89PNG\0"
    pictures.put(DIGEST, b"the same pixels, saved again")
    assert PictureFolder(pictures.folder).get(DIGEST) == b"the same pixels, saved again"


def test_the_folder_is_private(pictures):
    pictures.put(DIGEST, b"x")
    (file,) = pictures.folder.iterdir()
    assert stat.S_IMODE(pictures.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "digest",
    ["", "../../etc/passwd", "AB" * 32, "g" * 64, DIGEST + "\n", DIGEST + "/x", "٣" * 64, "ab", "a" * 200],
)
def test_only_hex_names_a_file(pictures, digest):
    with pytest.raises(InputError, match="hex digest"):
        pictures.put(digest, b"x")
    with pytest.raises(InputError, match="hex digest"):
        pictures.get(digest)
    assert list(pictures.folder.iterdir()) == []


@pytest.mark.parametrize("function", ["fsync", "replace"])
def test_a_failing_disk_leaves_nothing(pictures, monkeypatch, function):
    pictures.put(DIGEST, b"before")

    def fail(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, function, fail)
    with pytest.raises(StoreError, match="disk is full"):
        pictures.put(DIGEST, b"after")
    assert pictures.get(DIGEST) == b"before"
    assert len(list(pictures.folder.iterdir())) == 1


def test_something_else_in_its_place(pictures):
    (pictures.folder / f"{DIGEST}.picture").mkdir()
    with pytest.raises(StoreError, match="cannot be used"):
        pictures.get(DIGEST)


def test_a_left_over_part_is_no_stranger(pictures):
    (pictures.folder / "tmpabc.picture.part").write_bytes(b"half")
    assert PictureFolder(pictures.folder).get(DIGEST) is None
