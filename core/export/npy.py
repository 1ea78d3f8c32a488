"""The headers of NPY files of strangers, read without evaluating them.

numpy reads a header as a Python literal, and reserves whatever memory it claims before it reads a value.
"""

import math
import re
from dataclasses import dataclass

import numpy as np

from core.errors import InputError

LONGEST_HEADER = 1024
"""Bytes from a file's beginning that hold its header; numpy writes 128."""

_MAGIC = b"\x93NUMPY"
_LENGTH_BYTES = {b"\x01\x00": 2, b"\x02\x00": 4}
_HEADER = re.compile(
    r"\{'descr': '([<>|=]?)([A-Za-z])(\d{0,9})', 'fortran_order': False, 'shape': \(((?:\d{1,9},? ?){0,8})\), \} *\n?"
)
_OBJECTS = re.compile(r"'descr': (?:'\|?O|\[)")
_WIDTHS = {"f": (2, 4, 8), "i": (1, 2, 4, 8)}


@dataclass(frozen=True)
class Header:
    """What an NPY file says of its array.

    Attributes:
        begin: where its values begin, in bytes.
    """

    dtype: np.dtype
    shape: tuple[int, ...]
    begin: int

    @property
    def size(self) -> int:
        """How many values there are."""
        return math.prod(self.shape)  # Python's integers do not overflow

    def array(self, data: bytes) -> np.ndarray:
        """The array in the bytes of the whole file, which stay shared with it."""
        # `frombuffer` refuses an empty buffer.
        values = np.frombuffer(data, self.dtype, offset=self.begin) if self.size else np.empty(0, self.dtype)
        return values.reshape(self.shape)


def read_header(beginning: bytes, size: int, what: str, longest_text: int) -> Header:
    """The header of an NPY file.

    Args:
        beginning: its first `LONGEST_HEADER` bytes.
        size: bytes of the whole file.
        what: how messages call the file that it is from.
        longest_text: characters that a text may have.

    Raises:
        InputError: it is none, claims another number of bytes than there are, or anything but numbers and texts.
    """
    found = _HEADER.fullmatch(text) if (text := _text_of(beginning, what)) else None
    if found is None:
        raise _unreadable(what)
    order, kind, digits, sizes = found.groups()
    width, shape = int(digits or 0), tuple(int(each) for each in re.findall(r"\d+", sizes))
    if width not in _WIDTHS.get(kind, range(1, longest_text + 1) if kind == "U" else ()):
        raise _unreadable(what)
    begin = _begin(beginning) + len(text)
    header = Header(np.dtype(f"{order}{kind}{width}"), shape, begin)
    if header.size * header.dtype.itemsize != size - begin:
        raise _unreadable(what)
    return header


def _begin(beginning: bytes) -> int:
    return 8 + _LENGTH_BYTES.get(beginning[6:8], 0)


def _text_of(beginning: bytes, what: str) -> str:
    begin = _begin(beginning)
    length = int.from_bytes(beginning[8:begin], "little")
    if beginning[:6] != _MAGIC or begin == 8 or length > LONGEST_HEADER - begin:
        raise _unreadable(what)
    text = beginning[begin : begin + length].decode("latin-1")
    if _OBJECTS.search(text):
        raise InputError(f"{what} holds Python objects, which no export does and which could run code. It was refused.")
    return text


def _unreadable(what: str) -> InputError:
    return InputError(f"{what} holds an array that cannot be read. Export the run again.")
