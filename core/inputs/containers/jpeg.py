"""JPEG, also with several pictures in one file (MPO): the first picture's tables and scans."""

import re
import struct
from collections.abc import Iterator

from core.errors import ImageError
from core.inputs.containers.directory import TagFile, orientation_in
from core.inputs.containers.first_frame import Broken, FirstFrame

_SOS, _END, _EXIF, _APP2, _COMMENT = 0xDA, 0xD9, 0xE1, 0xE2, 0xFE
_APPLICATION = range(0xE0, 0xF0)
_DECIDES_COLOURS = {0xE0: 14, 0xEE: 12}  # JFIF and Adobe, and how long each is at least
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_USUAL_FRAMES = (0xC0, 0xC1, 0xC2)
_MARKER = re.compile(rb"\xff[^\x00\x01\xd0-\xd8\xff]")  # of a segment: not padding, and none that stands alone
_MOST_SEGMENTS = 100_000
# Each scan goes over all pixels once, however few bytes it has. Encoders write 20 at most.
_MOST_OF_SCANS = 4_000_000_000
_PICTURES = 0xB001  # the tag of MPO


def first_frame(data: bytes) -> FirstFrame:
    """
    Raises:
        Broken: there is no header of a frame before the first scan.
        ImageError: decoding its many scans would take too long.
    """
    kept, frame, profile, exif, frames, scans = [b"\xff\xd8"], None, [], b"", 1, None
    for marker, start, end in _segments(data):
        body = data[start + 4 : end]
        if marker == _SOS:
            scans = start
            break
        if marker in _FRAMES and frame is None:
            frame = (marker, body)
        if marker == _EXIF and not exif and body.startswith(b"Exif\0\0"):
            exif = body
        elif marker == _APP2 and body.startswith(b"ICC_PROFILE\0"):
            profile.append(body[12:])
        elif marker == _APP2 and body.startswith(b"MPF\0"):
            frames = _pictures(body[4:])
        is_tables = marker not in _APPLICATION and marker != _COMMENT
        if is_tables or len(body) >= _DECIDES_COLOURS.get(marker, len(data)):
            kept.append(data[start:end])
    if frame is None or scans is None or len(frame[1]) < 6:
        raise Broken
    marker, header = frame
    precision, height, width, layers = struct.unpack(">BHHB", header[:6])
    if _scans(data, scans) * width * height > _MOST_OF_SCANS:
        raise ImageError("This JPEG was saved in so many passes that reading it takes too long. Save it as PNG.")
    return FirstFrame(
        b"".join([*kept, memoryview(data)[scans:]]),
        (width, height),
        orientation_in(exif),
        frames=frames,
        is_unusual=marker not in _USUAL_FRAMES or precision != 8 or layers not in (1, 3, 4),
        icc_profile=_profile(profile) if layers == 4 else None,
    )


def _scans(data: bytes, at: int) -> int:
    """How many scans follow from the first one on, up to the picture's end."""
    count = 0
    for marker, _, _ in _segments(data, at):
        if marker == _END:
            break
        count += marker == _SOS
    return count


def _segments(data: bytes, at: int = 2) -> Iterator[tuple[int, int, int]]:
    """(marker, where it starts, where its segment ends), junk and pixels between them left out."""
    for _ in range(_MOST_SEGMENTS):
        found = _MARKER.search(data, at)
        if not found or found.start() + 4 > len(data):
            return
        at = found.start()
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        yield data[at + 1], at, min(end, len(data))
        at = max(end, at + 4)


def _pictures(block: bytes) -> int:
    try:
        index = TagFile.of(block)
        return max(1, index.number(index.directory(index.first), _PICTURES, 1))
    except Broken:
        return 1


def _profile(parts: list[bytes]) -> bytes | None:
    parts = sorted(part for part in parts if len(part) > 2)
    return b"".join(part[2:] for part in parts) if parts and parts[0][1] == len(parts) else None
