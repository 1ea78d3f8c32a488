"""AVIF, and what it shares with HEIC: brands, and metadata that may be broken."""

import re

from core.inputs.containers.first_frame import FirstFrame

# An item of the file's table: version 2 or 3, flags, id, protection, kind. Where it is EXIF or XMP, it is renamed, so
# that no decoder reads it; how the picture is turned is said elsewhere.
_METADATA = re.compile(rb"(infe(?:\x02.{3}.{2}|\x03.{3}.{4}).{2})(Exif|mime)", re.DOTALL)
_TABLES_END = 1 << 20


def brands(data: bytes) -> set[bytes]:
    """What a file of boxes says it is; empty for other files."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(max(16, int.from_bytes(data[:4], "big")), len(data), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))}


def first_frame(data: bytes) -> FirstFrame:
    """The whole file, without its metadata."""
    head = _METADATA.sub(rb"\1skip", data[:_TABLES_END])
    return FirstFrame(head + data[_TABLES_END:] if head != data[:_TABLES_END] else data)
