"""Masks as run lengths: COCO's, plain and compressed, and Label Studio's for its brush."""

from itertools import pairwise
from typing import Any

import numpy as np

_SIZES = (3, 4, 8, 16)
"""Bits of the four kinds of run lengths of a brush."""
_VALUE_BITS = 8


def counts_of(mask: np.ndarray) -> list[int]:
    """COCO's run lengths of bool [height, width]: pixels outside, inside, outside, ..., column by column."""
    flat = np.asarray(mask, bool).T.ravel()
    counts = _runs(flat)
    return [0, *counts] if flat.size and flat[0] else counts


def compressed(counts: list[int]) -> str:
    """COCO's run lengths as text, `rleToString` of the COCO API: the inverse of its `rleFrString`.

    Five bits a character, lowest first; the sixth says that more follow, and the fifth of the last one is the sign.
    From the fourth on, a count is told as the difference to the one before the last.
    """
    text = []
    for number, count in enumerate(counts):
        value, more = (count - counts[number - 2] if number > 2 else count), True
        while more:
            bits, value = value & 31, value >> 5
            more = value != (-1 if bits & 16 else 0)
            text.append(chr(48 + bits + (32 if more else 0)))
    return "".join(text)


def coco_mask(mask: np.ndarray, compress: bool = True) -> dict[str, Any]:
    """A mask, bool [height, width], as COCO's `segmentation`."""
    counts = counts_of(mask)
    return {"size": list(mask.shape), "counts": compressed(counts) if compress else counts}


def brush(mask: np.ndarray) -> list[int]:
    """A mask, bool [height, width], as Label Studio's brush has it: bytes of the format `rle-pack` of thi.ng/umbrella.

    Four channels a pixel, row by row, each 255 inside and 0 outside. A header of 57 bits says how many values there are
    (32), how many bits a value has (5, one less than that), and how many a run's length has in four kinds (4 each,
    likewise); then for each run 1 bit that it is one, 2 for its kind, its length less one, and its value.
    """
    flat = np.asarray(mask, bool).ravel()
    pieces = [f"{4 * flat.size:032b}", f"{_VALUE_BITS - 1:05b}", *(f"{size - 1:04b}" for size in _SIZES)]
    is_inside = bool(flat.size and flat[0])
    for run in _runs(flat):
        left, value = 4 * run, f"{255 * is_inside:0{_VALUE_BITS}b}"
        while left:
            length = min(left, 1 << _SIZES[-1])
            kind, bits = next((kind, bits) for kind, bits in enumerate(_SIZES) if length <= 1 << bits)
            pieces.append(f"1{kind:02b}{length - 1:0{bits}b}{value}")
            left -= length
        is_inside = not is_inside
    bits = "".join(pieces)
    bits += "0" * (-len(bits) % 8)
    return list(int(bits, 2).to_bytes(len(bits) // 8, "big"))


def _runs(flat: np.ndarray) -> list[int]:
    borders = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    return [stop - start for start, stop in pairwise([0, *borders.tolist(), flat.size])]
