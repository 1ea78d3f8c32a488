"""What the tables of an MP4 or MOV claim, against the length of the file.

A table can say "fifty million frames of one byte" in twelve bytes, for which FFmpeg makes gigabytes of room as soon as
the file is opened.
"""

import struct
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

_HOLDERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf", b"mvex"}
_MOST_BOXES = 200_000
_MOST_BYTES = 256 * 2**20
_SLACK = 2**16


def is_made_up(file: BinaryIO) -> bool:
    """Whether a table has more samples than the file has room for, or cannot be looked at."""
    length = file.seek(0, 2)
    boxes = 0
    for kind, start, end in top_boxes(file, length):
        boxes += 1
        if kind in (b"moov", b"moof"):
            if min(end, length) - start > _MOST_BYTES:
                return True
            file.seek(start)
            for name, body in _nested(kind, memoryview(file.read(min(end, length) - start)), 0):
                boxes += 1
                if boxes > _MOST_BOXES or name == b"cmov" or _bytes_claimed(name, body) > length + _SLACK:
                    return True
    return False


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
    at = 0
    while at + 8 <= len(data) and depth < 8:
        size, name = struct.unpack_from(">I4s", data, at)
        header = 8
        if size == 1 and at + 16 <= len(data):
            size, header = struct.unpack_from(">Q", data, at + 8)[0], 16
        elif size == 0:
            size = len(data) - at
        if size < header:
            return
        body = data[at + header : at + size]
        if name in _HOLDERS:
            yield from _nested(name, body, depth + 1)
        else:
            yield name, body
        at += size


def _bytes_claimed(name: bytes, body: memoryview) -> int:
    """That the samples of a table take together at least."""
    if name == b"stsz" and len(body) >= 12:
        each, count = struct.unpack_from(">II", body, 4)
        return count * (each or 4)
    if name == b"trun" and len(body) >= 8:
        flags, count = struct.unpack_from(">II", body, 0)
        return count * max(1, 4 * (flags & 0xF00).bit_count())
    if name in (b"stts", b"ctts") and len(body) >= 8:
        runs = np.frombuffer(body[8 : 8 + (len(body) - 8) // 8 * 8], ">u4")[::2]
        return int(runs.sum(dtype=np.uint64))
    return 0
