"""GIF: everything up to the end of its first frame, how many more there are, and how long each is shown."""

import struct
from collections.abc import Iterator

from core.inputs.containers.first_frame import Broken, FirstFrame

_EXTENSION, _FRAME, _TRAILER = 0x21, 0x2C, 0x3B
_MOST_BLOCKS = 3_000_000  # looked at, to tell how many frames there are
_COMMENT, _APPLICATION, _TEXT, _CONTROL = 0xFE, 0xFF, 0x01, 0xF9


def first_frame(data: bytes) -> FirstFrame:
    """
    Raises:
        Broken: it ends before its first frame begins.
    """
    if len(data) < 13:
        raise Broken
    screen = struct.unpack_from("<HH", data, 6)
    at = start = 13 + _table(data[10])
    kept, frames, is_whole, size = [data[:start]], 0, False, screen
    budget = iter(range(_MOST_BLOCKS))
    while at < len(data) and next(budget, None) is not None:
        kind, begins = data[at], at
        if kind == _TRAILER:
            is_whole = True
            break
        if kind == _FRAME and at + 10 <= len(data):
            left, top, width, height, flags = struct.unpack_from("<HHHHB", data, at + 1)
            end = _blocks_end(data, at + 11 + _table(flags), budget)
            frames += 1
            if frames == 1:
                # Pillow makes the canvas larger where the frame does not fit.
                size = (max(screen[0], left + width), max(screen[1], top + height))
                kept.append(data[begins : end or len(data)])
        elif kind == _EXTENSION and at + 2 <= len(data):
            end = _blocks_end(data, at + 2, budget)
            if not frames and end and data[at + 1] not in (_COMMENT, _APPLICATION, _TEXT):
                kept.append(data[begins:end])
        else:  # a stray byte, which Pillow passes over
            end = at + 1
        if end is None:
            break
        at = end
    if not frames:
        raise Broken
    return FirstFrame(
        b"".join([*kept, b";"]) if frames > 1 or is_whole else b"".join(kept), size, frames=frames, is_whole=is_whole
    )


def frame_delays(data: bytes) -> list[int]:
    """How long each frame is shown, in milliseconds, as the file says it.

    Raises:
        Broken: it ends before its first frame begins; or a later frame does not fit on the canvas, which Pillow would
            make larger for it, up to any size.
    """
    if len(data) < 13:
        raise Broken
    canvas = struct.unpack_from("<HH", data, 6)
    at, delay, found, budget = 13 + _table(data[10]), 0, [], iter(range(_MOST_BLOCKS))
    while at is not None and at < len(data) and data[at] != _TRAILER and next(budget, None) is not None:
        if data[at] == _FRAME and at + 10 <= len(data):
            left, top, width, height = struct.unpack_from("<HHHH", data, at + 1)
            size = max(canvas[0], left + width), max(canvas[1], top + height)
            if found and size != canvas:
                raise Broken
            canvas = size
            found.append(delay)
            delay = 0
            at = _blocks_end(data, at + 11 + _table(data[at + 9]), budget)
        elif data[at] == _EXTENSION and at + 2 <= len(data):
            if data[at + 1] == _CONTROL and at + 6 <= len(data):
                delay = 10 * int.from_bytes(data[at + 4 : at + 6], "little")
            at = _blocks_end(data, at + 2, budget)
        else:
            at += 1
    if not found:
        raise Broken
    return found


def _table(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _blocks_end(data: bytes, at: int, budget: Iterator[int]) -> int | None:
    """Past the blocks that begin here; None where the file ends within them, or the budget."""
    while at < len(data) and next(budget, None) is not None:
        if not data[at]:
            return at + 1
        at += 1 + data[at]
    return None
