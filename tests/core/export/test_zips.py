"""ZIP files of strangers: limits, names that leave the folder, damage of every kind."""

import io
import struct
import zipfile
import zlib

import pytest

from core.errors import InputError
from core.export.zips import ZipLimits, leaves_folder, named_members, open_zip, read_head, read_member


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as file:
        for name, value in members:
            file.writestr(name, value)
    return data.getvalue()


def test_ten_gigabytes_are_refused_before_anything_is_unpacked():
    block = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([*(block.compress(bytes(2**24)) for _ in range(16)), block.flush()])
    data, offsets = io.BytesIO(), []
    check = zlib.crc32(bytes(2**28))
    sizes = struct.pack("<III", check, len(packed), 2**28)
    for number in range(40):
        name = f"{number:04x}.npz".encode()
        offsets.append((name, data.tell()))
        data.write(b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes)
        data.write(struct.pack("<HH", len(name), 0) + name + packed)
    begin = data.tell()
    for name, offset in offsets:
        data.write(b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes)
        data.write(struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, offset) + name)
    end = data.tell()
    data.write(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 40, 40, end - begin, begin, 0))
    bomb = data.getvalue()
    with zipfile.ZipFile(io.BytesIO(bomb)) as file:
        assert sum(member.file_size for member in file.infolist()) == 10 * 2**30
        assert file.read(file.infolist()[7]) == bytes(2**28)
    with pytest.raises(InputError, match="unpacks to 10,240 MB; at most 2,048 MB can be read"):
        open_zip(bomb, ZipLimits())


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "..\\x", "C:\\x", "\\\\server\\x", "c:/x"])
def test_names_that_leave_the_folder_are_refused(name):
    assert leaves_folder(name)
    with pytest.raises(InputError, match="outside its own folder"):
        open_zip(zipped((name, b"x"), method=zipfile.ZIP_STORED), ZipLimits())


def test_usual_names_are_fine():
    assert not any(map(leaves_folder, ("0123456789abcdef/result.npz", "a..b/c", "..a", "图.png")))


def test_limits_are_kept_and_said():
    small = ZipLimits(members=2, single=2**20, total=2**21, free=2**10)
    for members, words in (
        ([(f"{number}", b"") for number in range(3)], "3 files; at most 2"),
        ([("a", bytes(2**20 + 1))], "unpacks to 1 MB; at most 1 MB"),
        ([("a", bytes(2**20)), ("b", bytes(2**20))], "times its own size"),
    ):
        with pytest.raises(InputError, match=words):
            open_zip(zipped(*members), small)


def test_a_member_that_lies_about_its_size_is_damaged():
    data = zipped(("a", b"0123456789" * 100), method=zipfile.ZIP_STORED)
    lying = data.replace((1000).to_bytes(4, "little"), (500).to_bytes(4, "little"))
    file = open_zip(lying, ZipLimits())
    with pytest.raises(InputError, match="damaged"):
        read_member(file, file.infolist()[0])


def test_an_encrypted_member_is_one_sentence():
    data = bytearray(zipped(("a", b"secret"), method=zipfile.ZIP_STORED))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        data[data.index(mark) + (6 if mark == b"PK\x03\x04" else 8)] |= 1
    file = open_zip(bytes(data), ZipLimits())
    with pytest.raises(InputError, match="encrypted"):
        read_member(file, file.infolist()[0])


def test_members_that_share_their_bytes_are_refused():
    data = bytearray(zipped(("a", bytes(10_000)), ("b", bytes(10_000))))
    second = data.rindex(b"PK\x01\x02")
    first = data.index(b"PK\x01\x02")
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    with pytest.raises(InputError, match="overlap"):
        open_zip(bytes(data), ZipLimits())


def test_a_table_of_contents_that_is_too_long_is_not_read(monkeypatch):
    data = zipped(*((str(number), b"") for number in range(100)))
    monkeypatch.setattr(zipfile, "ZipFile", lambda *arguments: pytest.fail("it was read"))
    with pytest.raises(InputError, match="holds 100 files; at most 2"):
        open_zip(data, ZipLimits(members=2))


def test_what_reserves_as_much_memory_as_it_claims_is_not_unpacked():
    file = open_zip(zipped(("a", b"text"), method=zipfile.ZIP_LZMA), ZipLimits())
    with pytest.raises(InputError, match="cannot be read"):
        read_member(file, file.infolist()[0])


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_of_any_kind_of_packing_is_one_sentence(method):
    data, refused = zipped(("a", bytes(range(200))), method=method), 0
    for at in range(31, data.index(b"PK\x01\x02")):
        file = open_zip(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :], ZipLimits())
        member = file.infolist()[0]
        assert len(read_head(file, member, 32)) <= 32
        try:
            read_member(file, member)
        except InputError:
            refused += 1
    assert refused > 100


def test_two_members_of_one_name_are_told_by_who_goes_by_names():
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = zipped(("a", b"1"), ("a", b"2"))
    with pytest.raises(InputError, match="two files of one name"):
        named_members(open_zip(data, ZipLimits()))
    assert list(named_members(open_zip(zipped(("a", b""), ("b", b"")), ZipLimits()))) == ["a", "b"]


def test_a_beginning_is_read_alone():
    file = open_zip(zipped(("a", b"0123456789")), ZipLimits())
    member = file.infolist()[0]
    assert (read_member(file, member, most=4), read_member(file, member, most=99)) == (b"0123", b"0123456789")


def test_members_are_read_as_they_are():
    file = open_zip(zipped(("a/b.txt", b"text"), ("c", b"")), ZipLimits())
    assert {member.filename: read_member(file, member) for member in file.infolist()} == {"a/b.txt": b"text", "c": b""}


def test_what_is_no_zip_is_one_sentence():
    with pytest.raises(InputError, match="^The bundle is damaged, cut off or encrypted"):
        open_zip(b"nothing of the kind", ZipLimits(), "The bundle")
