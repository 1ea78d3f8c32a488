"""What an export wrote comes back bit for bit; what no export wrote is one sentence, and never runs."""

import io
import json
import struct
import zipfile
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core import InputError
from core.export.npz import to_npz
from core.export.npz_reader import from_npz, read_arrays
from core.export.zips import ZipLimits, leaves_folder, open_zip, read_member
from core.schema import Answer, ExplainRequest, ExplainResult, Token, gather
from core.schema.target import Target


def make(heat=None, prompt="Where is it?", **changes):
    values = {"image": "a" * 64, "prompt": prompt, "model": "m" * 64, "layers": (1, 3), "seed": 7}
    request = ExplainRequest(**(values | changes))
    heat = np.arange(12, dtype=np.float32).reshape(2, 2, 3) if heat is None else heat
    answer = Answer("左上", (Token(3, "左", 0.5, (("右", 0.1 + 0.2),), 0, 1), Token(4, "上", 1 / 3, (), 1, 2)))
    main = ExplainResult(request, answer, heat, heat * 2, 10, 8, {"answer": 0.1, "samples": 1 / 3})
    combined = request.with_method("combined", ())
    return gather([main, ExplainResult(combined, answer, heat[:1], heat[1:], 10, 8, {"samples": 0.7})])


def same(left, right):
    assert (left.request, left.answer, left.num_samples) == (right.request, right.answer, right.num_samples)
    assert (left.total_layers, left.timings) == (right.total_layers, right.timings)
    assert left.heat.tobytes() == right.heat.tobytes() and left.heat.dtype == np.float32
    assert left.squared_deviation.tobytes() == right.squared_deviation.tobytes()
    assert set(left.companions) == set(right.companions)
    for name in left.companions:
        same(left.companions[name], right.companions[name])


@settings(max_examples=40, deadline=None)
@given(
    arrays(np.float32, (2, 2, 3), elements=st.floats(0, 2.0**100, width=32)),
    st.text(min_size=1, max_size=20).filter(str.strip),
)
def test_every_result_comes_back_bit_for_bit(heat, prompt):
    result = make(heat, prompt)
    same(from_npz(to_npz(result)), result)


def test_targets_come_back():
    result = make(target=Target.contrast(0, "右"), max_pixels=100_000)
    assert from_npz(to_npz(result)).request == result.request


def several():
    """A result about two pictures, of grids of their own."""
    first = make(images=("a" * 64, "b" * 64))
    heat = np.arange(20, dtype=np.float32).reshape(2, 2, 5)
    parts = [first, *first.companions.values()]
    others = [
        replace(part, request=part.request.of_picture(1), heat=heat[: len(part.heat)] + 1, squared_deviation=rest)
        for part, rest in zip(parts, (heat * 3, heat[1:]), strict=True)
    ]
    return gather([*parts, *others])


def test_every_picture_of_a_prompt_comes_back():
    result = several()
    back = from_npz(to_npz(result))
    same(back, result)
    assert [each.request.picture for each in back.pictures] == [0, 1]
    for got, wanted in zip(back.pictures, result.pictures, strict=True):
        same(got, wanted)


def test_one_picture_of_several_comes_back_alone():
    alone = several().pictures[1]
    same(from_npz(to_npz(alone)), alone)


def npz(**changes):
    """The export's own arrays with changes; None leaves one out."""
    with np.load(io.BytesIO(to_npz(make())), allow_pickle=False) as file:
        held = dict(file) | changes
    data = io.BytesIO()
    np.savez(data, **{name: array for name, array in held.items() if array is not None})
    return data.getvalue()


def described(**changes):
    with np.load(io.BytesIO(to_npz(make())), allow_pickle=False) as file:
        return npz(description=np.array(json.dumps(json.loads(str(file["description"])) | changes)))


class Planted:
    def __reduce__(self):
        return (pytest.fail, ("code was run",))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "damaged"),
        (b"not a zip", "damaged"),
        (to_npz(make())[:900], "damaged"),
        (npz(heat=np.array([{"a": 1}], object)), "Python objects"),
        (npz(extra=np.array([Planted()], object)), "Python objects"),
        (npz(heat=np.zeros((2, 2, 3))), "float32"),
        (npz(heat=np.zeros((2, 6), np.float32)), "float32"),
        (npz(heat=np.full((2, 2, 3), np.nan, np.float32)), "float32"),
        (npz(heat=np.zeros((5, 2, 3), np.float32)), "description cannot be read"),
        (npz(squared_deviation=None), "older version"),
        (npz(description=None), "description cannot be read"),
        (npz(description=np.array("[" * 100_000)), "description cannot be read"),
        (npz(description=np.array(3.0)), "description cannot be read"),
        (described(request={}), "description cannot be read"),
        (described(request={**make().request.to_dict(), "prompt": " "}), "prompt is empty"),
        (described(request={**make().request.to_dict(), "other": 1}), "description cannot be read"),
        (described(num_samples=11), "cannot have 11 samples"),
        (described(num_samples=True), "cannot have True samples"),
        (described(total_layers=3), "cannot have 3 layers"),
        (described(seconds={"answer": -1}), "seconds"),
        (described(tokens=[{"id": 1}]), "description cannot be read"),
        (described(answer=3), "answer cannot be read"),
    ],
)
def test_what_no_export_writes_is_one_sentence(data, words):
    with pytest.raises(InputError, match=rf"^[^\n]*{words}[^\n]*\.$"):
        from_npz(data)


def test_an_array_that_claims_more_than_is_there_reserves_nothing():
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }\n"
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(16)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("heat.npy", array)
    with pytest.raises(InputError, match="cannot be read"):
        read_arrays(data.getvalue())


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as file:
        for name, value in members:
            file.writestr(name, value)
    return data.getvalue()


def test_ten_gigabytes_are_refused_before_anything_is_unpacked():
    block = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = b"".join([*(block.compress(bytes(2**24)) for _ in range(16)), block.flush()])
    data, places = io.BytesIO(), []
    check = zlib.crc32(bytes(2**28))
    sizes = struct.pack("<III", check, len(packed), 2**28)
    for number in range(40):
        name = f"{number:04x}.npz".encode()
        places.append((name, data.tell()))
        data.write(b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes)
        data.write(struct.pack("<HH", len(name), 0) + name + packed)
    begin = data.tell()
    for name, place in places:
        data.write(b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes)
        data.write(struct.pack("<HHHHHII", len(name), 0, 0, 0, 0, 0, place) + name)
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
