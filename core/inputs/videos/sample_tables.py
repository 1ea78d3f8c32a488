"""What the tables of an MP4 or MOV claim, against the length of the file.

A table can say "fifty million frames of one byte" in twelve bytes, for which FFmpeg makes gigabytes of room as soon as
the file is opened. It finds tables wherever they stand: outside of `moov`, in a `free` box, in boxes that hold none in
any sound file. So everything but the pictures themselves is looked through here, to the depth to which FFmpeg goes.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

_PICTURES = b"mdat"
_SIZES, _RUNS = {b"stsz", b"stz2", b"trun"}, {b"stts", b"ctts"}
_MOST_BOXES = 200_000
_MOST_BYTES = 256 * 2**20
_DEEPEST = 12
_SLACK = 2**16
_FEW_EDITS, _MOST_EDITED = 8, 10_000_000
"""An edit list names parts of a track, and FFmpeg lists the samples of each part: with more edits than a few, at most
so many samples times edits."""


def is_made_up(file: BinaryIO) -> bool:
    """Whether tables have more samples than the file has room for, or cannot be looked at."""
    length = file.seek(0, 2)
    boxes = edits = samples = 0
    claimed = dict.fromkeys((b"sizes", b"stts", b"ctts"), 0)
    for kind, start, end in top_boxes(file, length):
        boxes += 1
        if kind == _PICTURES:
            continue
        if min(end, length) - start > _MOST_BYTES:
            return True
        file.seek(start)
        for name, body in _nested(kind, memoryview(file.read(min(end, length) - start)), 0):
            boxes += 1
            if boxes > _MOST_BOXES or name == b"cmov":
                return True
            if name in _SIZES | _RUNS:
                claimed[b"sizes" if name in _SIZES else name] += _bytes_claimed(name, body)
                samples += _samples(name, body)
            elif name == b"elst" and len(body) >= 8:
                edits += struct.unpack_from(">I", body, 4)[0]
            if max(claimed.values()) > length + _SLACK:
                return True
    return edits > _FEW_EDITS and edits * samples > _MOST_EDITED


def top_boxes(file: BinaryIO, length: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, start of what it holds, end) of each box that begins in the file; the last may end beyond it."""
    at = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head[:8])
        header = 8
        if size == 1 and len(head) == 16:
            size, header = int.from_bytes(head[8:], "big"), 16
        elif size == 0:  # up to the end
            size = length - at
        if size < header:  # no box: what follows is something else
            return
        yield kind, at + header, at + size
        at += size


def _nested(kind: bytes, data: memoryview, depth: int) -> Iterator[tuple[bytes, memoryview]]:
    """A box, and all within it; what holds no boxes is taken for them, too, which finds none of these names in it."""
    yield kind, data
    if depth > _DEEPEST or kind in _SIZES | _RUNS:
        return
    # `meta` has four bytes before the boxes in MP4, and none in MOV.
    for at in (0, 4) if kind == b"meta" else (0,):
        while at + 8 <= len(data):
            size, name = struct.unpack_from(">I4s", data, at)
            header = 8
            if size == 1 and at + 16 <= len(data):
                size, header = struct.unpack_from(">Q", data, at + 8)[0], 16
            elif size == 0:
                size = len(data) - at
            if size < header:
                break
            yield from _nested(name, data[at + header : at + size], depth + 1)
            at += size


def _samples(name: bytes, body: memoryview) -> int:
    at = 8 if name in (b"stsz", b"stz2") else 4
    return struct.unpack_from(">I", body, at)[0] if name in _SIZES and len(body) >= at + 4 else 0


def _bytes_claimed(name: bytes, body: memoryview) -> int:
    """That the samples of a table take together at least."""
    if name == b"stsz" and len(body) >= 12:
        each, count = struct.unpack_from(">II", body, 4)
        return count * (each or 4)
    if name == b"stz2":  # its table may take half a byte of a sample
        return 4 * _samples(name, body)
    if name == b"trun" and len(body) >= 8:
        flags, count = struct.unpack_from(">II", body, 0)
        return count * max(1, 4 * (flags & 0xF00).bit_count())
    if name in (b"stts", b"ctts") and len(body) >= 8:
        runs = np.frombuffer(body[8 : 8 + (len(body) - 8) // 8 * 8], ">u4")[::2]
        return int(runs.sum(dtype=np.uint64))
    return 0
