"""An export spoilt in any one place is a sentence, or what it was: never another error, never half of it."""

import io
import json
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import InputError
from core.export.npz import describe, to_npz
from core.export.npz_reader import from_npz
from tests.core.export.test_npz_reader import make, same, several
from tests.core.export.trees import WRONG, alike, places, replaced, value_at, with_more, without
from tests.some import some

RESULTS = {"one picture": make(), "several": several()}
TREES = {name: json.loads(json.dumps(describe(result))) for name, result in RESULTS.items()}
PACKED = {name: to_npz(result) for name, result in RESULTS.items()}


def npy(array) -> bytes:
    data = io.BytesIO()
    np.save(data, array)
    return data.getvalue()


def packed(name: str, **changes: bytes | None) -> bytes:
    """An export with other files in it; None leaves one out."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(PACKED[name])) as old, zipfile.ZipFile(data, "w") as new:
        files = {member.removesuffix(".npy"): old.read(member) for member in old.namelist()} | changes
        for member, value in files.items():
            if value is not None:
                new.writestr(f"{member}.npy", value)
    return data.getvalue()


def described(name: str, tree: object) -> bytes:
    return packed(name, description=npy(np.array(json.dumps(tree))))


def outcome(data: bytes):
    """What is read, or None where it is refused with a sentence."""
    try:
        result = from_npz(data)
    except InputError as error:
        assert str(error).endswith((".", ")")) and "\n" not in str(error) and len(str(error)) < 600
        str(error).encode()
        return None
    # Whatever is read can be written, and is then read as it is.
    same(from_npz(to_npz(result)), result)
    json.dumps(describe(result), ensure_ascii=False, allow_nan=False).encode()
    return result


@pytest.mark.parametrize("name", TREES)
@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: repr(value)[:20])
def test_each_value_is_replaced_by_wrong_ones(name, wrong):
    tree = TREES[name]
    # What follows from the rest is not read.
    read = [path for path in some(places(tree)) if path[0] not in ("concentration", "method")]
    others = [path for path in read if "concentration" not in path and not alike(value_at(tree, path), wrong)]
    taken = {path for path in others if outcome(described(name, replaced(tree, path, wrong))) is not None}
    optional = ("stop", "max_pixels", "phrase", "position", "instead", "sentence", "total_layers")
    assert wrong == [] or not {path for path in taken if path[-1] not in optional}, (taken, wrong)


@pytest.mark.parametrize("name", TREES)
def test_each_value_is_left_out_and_one_more_added(name):
    tree = TREES[name]
    for path in some(places(tree)):
        for spoilt in (without(tree, path), with_more(tree, path)):
            result = None if spoilt is None else outcome(described(name, spoilt))
            if result is not None and path[0] not in ("tokens", "answer", "seconds", "request"):
                same_maps(result, RESULTS[name])


def same_maps(left, right):
    assert left.request == right.request and left.answer == right.answer
    assert left.heat.tobytes() == right.heat.tobytes()


@pytest.mark.parametrize("text", ["", "{", "null", "[]", "7", '"x"', "NaN", '{"a": NaN}', '{"request": 1e999}'])
def test_a_description_that_is_none(text):
    assert outcome(packed("one picture", description=npy(np.array(text)))) is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace('"seed": 7', '"seed": 7, "seed": 8'),
        lambda text: text.replace('"seed": 7', f'"seed": {"9" * 10_000}'),
        lambda text: text.replace('"seed": 7', '"seed": Infinity'),
        lambda text: text.replace('"seed": 7', '"seed": 7.0'),
        lambda text: text.replace('"noise_std": 0.15', '"noise_std": 1e400'),
        lambda text: text.replace('"seed": 7', f'"seed": {"[" * 50_000}'),
        lambda text: text.replace('"seed": 7', '"origin": "no digest", "seed": 7'),
        lambda text: text.replace('"Where is it?"', r'"\ud800?"'),
        lambda text: text.replace("Where is it?", "x" * 20_001),
    ],
)
def test_json_that_python_reads_and_no_export_writes(spoil):
    text = json.dumps(TREES["one picture"])
    assert spoil(text) != text
    assert outcome(packed("one picture", description=npy(np.array(spoil(text))))) is None


TARGETS = [
    {"kind": "tokens", "start": 0, "stop": 99},
    {"kind": "tokens", "start": 2, "stop": None},
    {"kind": "words", "phrase": "nowhere"},
    {"kind": "words", "phrase": "左", "occurrence": 2},
    {"kind": "contrast", "position": 5, "instead": "x"},
]


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_of_tokens_that_are_not_there(target):
    whole = {**TREES["one picture"]["request"]["target"], **target}
    assert outcome(described("one picture", replaced(TREES["one picture"], ("request", "target"), whole))) is None


HEADERS = [
    b"",
    b"{'descr': '<f4'",
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3), 'more': 1, }\n",
    b"{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2, 3), }\n",
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, -3), }\n",
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (999999999, 999999999, 999999999), }\n",
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3.0), }\n",
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 3) * 9**9**9, }\n",
    b"{'descr': '<U1073741824', 'fortran_order': False, 'shape': (), }\n",
    b"{'descr': '<U0', 'fortran_order': False, 'shape': (999999999,), }\n",
    b"{'descr': '|V4', 'fortran_order': False, 'shape': (2, 2, 3), }\n",
    b"{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 2, 3), }\n",
    b"{'descr': '|O', 'fortran_order': False, 'shape': (2, 2, 3), }\n",
    b"{'descr': '<m8', 'fortran_order': False, 'shape': (2, 2, 3), }\n",
    b"(" * 900,
    b"{" * 60_000,
]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: repr(header)[:40])
@pytest.mark.parametrize("array", ["heat", "squared_deviation", "stderr", "description", "layers"])
def test_headers_that_are_none(header, array):
    values = make().heat.tobytes()
    for magic, width in ((b"\x93NUMPY\x01\x00", 2), (b"\x93NUMPY\x02\x00", 4), (b"\x93NUMPY\x03\x00", 4)):
        data = magic + len(header).to_bytes(width, "little") + header + values
        assert outcome(packed("one picture", **{array: data})) is None


ARRAYS = [
    np.zeros((2, 2, 3), np.float64),
    np.zeros((2, 2, 3), ">f4"),
    np.zeros((2, 2, 3), np.int32),
    np.full((2, 2, 3), np.inf, np.float32),
    np.full((2, 2, 3), np.nan, np.float32),
    np.zeros((2, 2, 0), np.float32),
    np.zeros((3, 2, 3), np.float32),
    np.zeros((2, 3, 2), np.float32),
    np.zeros((2, 1000, 1000), np.float32),
    np.zeros((12,), np.float32),
    np.array("text"),
]


@pytest.mark.parametrize("array", ["heat", "squared_deviation", "heat_combined", "squared_deviation_combined"])
@pytest.mark.parametrize("spoilt", ARRAYS, ids=lambda array: f"{array.dtype}{array.shape}")
def test_arrays_that_are_not_of_the_run(array, spoilt):
    assert outcome(packed("one picture", **{array: npy(spoilt)})) is None
    assert outcome(packed("one picture", **{array: None})) is None


def test_a_negative_deviation_is_none():
    assert outcome(packed("one picture", squared_deviation=npy(np.full((2, 2, 3), -1, np.float32)))) is None


@settings(max_examples=150)
@given(st.integers(0, len(PACKED["several"]) - 1), st.binary(min_size=1, max_size=6))
def test_bytes_anywhere_in_the_file(place, others):
    data = PACKED["several"]
    outcome(data[:place] + others + data[place + len(others) :])


@settings(max_examples=60)
@given(st.integers(0, len(PACKED["several"])))
def test_a_file_that_is_cut_off(end):
    outcome(PACKED["several"][:end])
