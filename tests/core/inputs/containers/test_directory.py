"""Directories of tags, right and wrong."""

import struct

import pytest

from core.inputs.containers.directory import ORIENTATION, TagFile, checked_orientation, orientation_in
from core.inputs.containers.first_frame import Broken


def block(entries, order="<", following=0):
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(entries))
    return head + b"".join(entries) + struct.pack(f"{order}I", following)


def entry(tag, kind, count, value, order="<"):
    return struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")


@pytest.mark.parametrize("order", ["<", ">"])
def test_numbers_of_each_kind(order):
    entries = [
        entry(1, 1, 2, b"\7\x08", order),
        entry(2, 3, 2, struct.pack(f"{order}HH", 300, 400), order),
        entry(3, 9, 1, struct.pack(f"{order}i", -5), order),
        entry(4, 3, 3, struct.pack(f"{order}I", 8 + 2 + 4 * 12 + 4), order),
    ]
    file = TagFile.of(block(entries, order) + struct.pack(f"{order}HHH", 10, 12, 14))
    found = file.directory(file.first)
    assert [file.values(found, tag) for tag in (1, 2, 3, 4)] == [(7, 8), (300, 400), (-5,), (10, 12, 14)]
    assert file.number(found, 2) == 300 and file.number(found, 99) is None and found.next == 0


def test_big_tiff():
    data = b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1) + struct.pack("<HHQQ", ORIENTATION, 3, 1, 6) + bytes(8)
    file = TagFile.of(data)
    assert file.is_big and file.number(file.directory(file.first), ORIENTATION) == 6 == orientation_in(data)


@pytest.mark.parametrize(
    "bad",
    [entry(1, 3, 1 << 30, b"\xff\xff\xff\xff"), entry(1, 3, 9, b"\xf0\xff\xff\xff"), entry(1, 2, 4, b"six\0")],
    ids=["too many", "elsewhere", "text"],
)
def test_a_tag_that_makes_no_sense_has_no_numbers(bad):
    file = TagFile.of(block([bad]))
    assert file.values(file.directory(file.first), 1) == ()


def test_a_directory_in_no_place_is_broken():
    file = TagFile.of(block([entry(1, 3, 1, b"\1")]))
    for at in (0, 1_000, 2**40):
        with pytest.raises(Broken):
            file.directory(at)
    for data in (b"", b"II", b"XX*\0\0\0\0\0"):
        with pytest.raises(Broken):
            TagFile.of(data)


@pytest.mark.parametrize(("value", "orientation"), [(1, 1), (6, 6), (8, 8), (0, 1), (9, 1), (-3, 1), (None, 1)])
def test_orientations_are_one_to_eight(value, orientation):
    assert checked_orientation(value) == orientation
