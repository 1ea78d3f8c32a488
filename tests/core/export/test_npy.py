"""Headers of NPY files: those that numpy writes are read, and nothing is evaluated."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from core.errors import InputError
from core.export.npy import LONGEST_HEADER, read_header


def written(array) -> bytes:
    data = io.BytesIO()
    np.save(data, array)
    return data.getvalue()


def read(data: bytes) -> np.ndarray:
    return read_header(data[:LONGEST_HEADER], len(data), "It", 100).array(data)


@given(arrays(st.sampled_from(["<f4", "<f8", "<i8", ">f4", "<U7"]), array_shapes(min_dims=0, max_dims=4, min_side=0)))
def test_what_numpy_writes_is_read(array):
    back = read(written(array))
    assert back.dtype == array.dtype and back.shape == array.shape and back.tobytes() == array.tobytes()


@given(st.binary(max_size=300))
def test_anything_else_is_a_sentence(data):
    with pytest.raises(InputError, match="cannot be read"):
        read(b"\x93NUMPY\x01\x00" + data)


@given(st.integers(0, 90), st.binary(min_size=1, max_size=4))
def test_a_header_that_is_spoilt_is_a_sentence_or_says_the_same(place, others):
    data = written(np.zeros((2, 2, 3), np.float32))
    try:
        assert read(data[:place] + others + data[place + len(others) :]).nbytes == 48
    except InputError as error:
        assert str(error).endswith(".")


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(InputError, match="cannot be read"):
        read(written(np.array("x" * 101)))


@pytest.mark.parametrize("array", [np.array([{}], object), np.zeros(2, [("a", object)]), np.zeros(2, [("a", "<f4")])])
def test_objects_are_refused_as_such(array):
    with pytest.raises(InputError, match="Python objects"):
        read(written(array))
