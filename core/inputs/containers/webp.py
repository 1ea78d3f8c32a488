"""WebP: the picture, or the first frame of an animation on its canvas."""

import struct
from collections.abc import Iterator

from core.inputs.containers.directory import orientation_in
from core.inputs.containers.first_frame import Broken, FirstFrame

_PICTURE = (b"VP8 ", b"VP8L", b"ALPH")
_MOST_CHUNKS = 100_000
_MOST_OF_ANIMATIONS = 40_000_000  # pixels: the canvas is kept several times while it is decoded
_ALPHA, _EXIF, _ANIMATION = 0x10, 0x08, 0x02


def first_frame(data: bytes) -> FirstFrame:
    """
    Raises:
        Broken: it holds no picture.
    """
    size, kept, frames, exif, extended, flags = None, [], 0, b"", b"", 0
    is_whole = len(data) >= 8 + int.from_bytes(data[4:8], "little")
    for kind, body in _chunks(data):
        if kind == b"EXIF" and not exif:
            exif = bytes(body)
        elif kind == b"VP8X" and not extended and len(body) >= 10:
            flags = body[0]
            extended = bytes([flags & (_ALPHA | _ANIMATION)]) + bytes(body[1:10])
            size = _canvas(extended)
        elif kind == b"ANMF":
            frames += 1
            if frames == 1:
                kept.append((kind, body))
        elif kind == b"ANIM" or (kind in _PICTURE and not frames and kind not in dict(kept)):
            kept.append((kind, body))
            size = size or _still(kind, body)
    # How it is turned stands at the end: without that, its pixels could not be shown upright.
    if not is_whole and flags & _EXIF and not exif:
        raise Broken
    if not any(kind in (b"VP8 ", b"VP8L", b"ANMF") for kind, _ in kept):
        raise Broken
    chunks = b"".join(_chunk(kind, body) for kind, body in [*([(b"VP8X", extended)] if extended else []), *kept])
    return FirstFrame(
        b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks,
        size,
        orientation_in(exif),
        frames=max(1, frames),
        is_whole=is_whole,
        costly_from=_MOST_OF_ANIMATIONS if frames > 1 else None,
    )


def frame_delays(data: bytes) -> list[int]:
    """How long each frame of an animation is shown, in milliseconds; empty for a picture."""
    return [
        int.from_bytes(body[12:15], "little") for kind, body in _chunks(data) if kind == b"ANMF" and len(body) >= 16
    ]


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """The whole ones alone."""
    at, view = 12, memoryview(data)
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        kind, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > len(data):
            return
        yield kind, view[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(kind: bytes, body: bytes | memoryview) -> bytes:
    return b"".join([kind, struct.pack("<I", len(body)), body, b"\0" * (len(body) % 2)])


def _canvas(extended: bytes) -> tuple[int, int]:
    return 1 + int.from_bytes(extended[4:7], "little"), 1 + int.from_bytes(extended[7:10], "little")


def _still(kind: bytes, body: memoryview) -> tuple[int, int] | None:
    if kind == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and len(body) >= 10:
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    return None
