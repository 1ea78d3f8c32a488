"""Originals by digest: whole or not there, and no digest names another file."""

import os
import stat
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cache import PictureFolder, StoreError
from cache.files.folders import SETTLED
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


def aged(path, seconds=SETTLED + 1):
    """Lets a file have been written earlier."""
    written = time.time() - seconds
    os.utime(path, (written, written))
    return path


def test_half_written_files_of_killed_processes_are_dropped_and_nothing_else(pictures):
    pictures.put("ab" * 32, b"picture")
    aged(pictures.folder / f"{'ab' * 32}.picture")
    for name in ("one.picture.part", "two.picture.part"):
        (pictures.folder / name).write_bytes(b"half")
    (pictures.folder / "notes.txt").write_text("mine")
    aged(pictures.folder / "notes.txt")
    aged(pictures.folder / "one.picture.part")
    assert pictures.unfinished() == {pictures.folder / "one.picture.part": 4}
    assert pictures.drop_unfinished() == 1 and pictures.drop_unfinished() == 0
    # The second may still be being written.
    left = {"two.picture.part", "notes.txt", f"{'ab' * 32}.picture"}
    assert {path.name for path in pictures.folder.iterdir()} == left
    assert pictures.get("ab" * 32) == b"picture"


def test_orphans_are_what_nobody_names_and_is_an_hour_old(pictures):
    for digest in ("aa" * 32, "bb" * 32, "cc" * 32):
        pictures.put(digest, b"12345")
        aged(pictures.folder / f"{digest}.picture")
    pictures.put("cc" * 32, b"12345")  # just now: its run is about to be written down
    assert pictures.digests() == {"aa" * 32: 5, "bb" * 32: 5, "cc" * 32: 5}
    assert pictures.orphans({"aa" * 32}) == {"bb" * 32: 5}
    pictures.drop("bb" * 32)
    pictures.drop("bb" * 32)
    assert set(pictures.digests()) == {"aa" * 32, "cc" * 32}
    with pytest.raises(InputError):
        pictures.drop("../../etc/passwd")


def test_two_that_clean_up_at_once_do_not_disturb_each_other(pictures):
    for number in range(200):
        part = pictures.folder / f"{number}.picture.part"
        part.write_bytes(b"half")
        aged(part)
    with ThreadPoolExecutor(4) as pool:
        dropped = list(pool.map(lambda _: PictureFolder(pictures.folder).drop_unfinished(), range(4)))
    assert max(dropped) <= 200 <= sum(dropped) and pictures.unfinished() == {}
