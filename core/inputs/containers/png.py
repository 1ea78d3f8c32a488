"""PNG: the header, palette, transparency and pixels; no text, profile, animation or other chunk."""

import struct
import zlib
from collections.abc import Iterator

from core.inputs.containers.directory import orientation_in
from core.inputs.containers.first_frame import Broken, FirstFrame, Meaning

MAGIC = b"\x89PNG\r\n\x1a\n"
_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT")
_MOST_CHUNKS = 500_000
_FOR_DISPLAY = (b"sRGB", b"iCCP", b"cICP")


def first_frame(data: bytes) -> FirstFrame:
    """
    Raises:
        Broken: it begins with no header, or holds no pixels.
    """
    kept, seen, is_whole = [MAGIC], {}, False
    for kind, start, end in _chunks(data):
        is_whole = kind == b"IEND"
        body = data[start:end] if kind != b"IDAT" else b""
        if kind in (b"tRNS", b"PLTE") and kind not in seen and b"IDAT" not in seen:
            kept.append(_chunk(kind, body))
        elif kind in _KEPT and (kind == b"IDAT" or kind not in seen):
            kept.append(memoryview(data)[start - 8 : end + 4])
        seen.setdefault(kind, body)
        if is_whole:
            break
    header = seen.get(b"IHDR", b"")
    if len(header) < 13 or b"IDAT" not in seen:
        raise Broken
    width, height, depth, colours = struct.unpack(">IIBB", header[:10])
    return FirstFrame(
        b"".join([*kept, _chunk(b"IEND", b"")] if is_whole else kept),
        (width, height),
        orientation_in(seen.get(b"eXIf", b"")),
        frames=_frames(seen),
        is_whole=is_whole,
        meaning=_meaning(seen, depth, colours),
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    at = len(MAGIC)
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        length, kind = struct.unpack_from(">I4s", data, at)
        end = min(at + 8 + length, len(data))
        yield kind, at + 8, end
        at = end + 4


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _frames(seen: dict[bytes, bytes]) -> int:
    count = int.from_bytes(seen.get(b"acTL", b"")[:4], "big")
    # A default picture that is no frame of the animation comes before it.
    alone = bool(count) and list(seen).index(b"IDAT") < (list(seen).index(b"fcTL") if b"fcTL" in seen else len(seen))
    return max(1, count + alone) if count < 2**31 else 1


def _meaning(seen: dict[bytes, bytes], depth: int, colours: int) -> Meaning:
    significant = seen.get(b"sBIT", b"")
    bits = max(significant[: 3 if colours == 2 else 1], default=0)
    declared = (0.0, float(2**bits - 1)) if depth == 16 and 8 < bits < 16 else None
    return Meaning(
        bits=depth,
        channels={2: 3, 4: 2, 6: 4}.get(colours, 1),
        declared=declared,
        # By the standard the bits are moved to the upper end; not all programs do.
        declared_else=(0.0, 65535.0) if declared else None,
        said_by=f"{bits} significant bits" if declared else "",
        for_display=any(kind in seen for kind in _FOR_DISPLAY),
    )
