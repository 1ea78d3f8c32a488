"""AVIF, and what it shares with HEIC: brands, and metadata that may be broken."""

import re

from core.inputs.containers.first_frame import FirstFrame, Meaning

# An item of the file's table: version 2 or 3, flags, id, protection, kind. Where it is EXIF or XMP, it is renamed, so
# that no decoder reads it; how the picture is turned is said elsewhere.
_METADATA = re.compile(rb"(infe(?:\x02.{3}.{2}|\x03.{3}.{4}).{2})(Exif|mime)", re.DOTALL)
_TABLES_END = 1 << 20
# How a picture is coded. Of AV1: a version, a profile, and two bits that say 10 or 12 bits a sample. Of HEVC: 17 bytes
# on, by how many bits a sample has more than 8.
_AV1 = re.compile(rb"av1C\x81.(.)", re.DOTALL)
_HEVC = re.compile(rb"hvcC\x01.{16}(.)", re.DOTALL)


def brands(data: bytes) -> set[bytes]:
    """What a file of boxes says it is; empty for other files."""
    if data[4:8] != b"ftyp":
        return set()
    end = min(max(16, int.from_bytes(data[:4], "big")), len(data), 256)
    return {data[8:12], *(data[at : at + 4] for at in range(16, end - 3, 4))}


def first_frame(data: bytes) -> FirstFrame:
    """The whole file, without its metadata."""
    head = _METADATA.sub(rb"\1skip", data[:_TABLES_END])
    whole = head + data[_TABLES_END:] if head != data[:_TABLES_END] else data
    return FirstFrame(whole, meaning=Meaning(bits_of(head), channels=3))


def bits_of(head: bytes) -> int:
    """Bits of one sample, of the deepest picture in the file; the decoders hand on the upper 8."""
    av1 = [12 if flags[0] & 0x20 else 10 for flags in _AV1.findall(head) if flags[0] & 0x40]
    return max(8, *av1, *(8 + (more[0] & 7) for more in _HEVC.findall(head)), 8)
