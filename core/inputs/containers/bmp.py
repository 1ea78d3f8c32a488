"""BMP, with the head of a file or without (DIB)."""

import struct

from core.inputs.containers.first_frame import Broken, FirstFrame

HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)
_RUN_LENGTHS = (1, 2)
# Run lengths are decoded in Python, a pixel at a time.
_MOST_OF_RUNS = 8_000_000


def is_dib(data: bytes) -> bool:
    """Whether these are the bytes of a BMP without the head of a file."""
    if len(data) < 16 or struct.unpack_from("<I", data)[0] not in HEADERS:
        return False
    planes, bits = struct.unpack_from("<HH", data, 8 if data[0] == 12 else 12)
    return planes == 1 and bits in (1, 2, 4, 8, 16, 24, 32)


def first_frame(data: bytes) -> FirstFrame:
    """
    Raises:
        Broken: it ends within its header.
    """
    at = 14 if data[:2] == b"BM" else 0
    try:
        (header,) = struct.unpack_from("<I", data, at)
        if header == 12:
            width, height, _, bits = struct.unpack_from("<HHHH", data, at + 4)
            packing = 0
        else:
            width, height, _, bits, packing = struct.unpack_from("<iiHHI", data, at + 4)
    except struct.error:
        raise Broken from None
    size = (width, abs(height))
    is_known = header in HEADERS and bits in (1, 4, 8, 16, 24, 32) and packing in (0, 1, 2, 3)
    return FirstFrame(
        data,
        size if width > 0 and height else None,
        is_unusual=not is_known,
        costly_from=_MOST_OF_RUNS if packing in _RUN_LENGTHS else None,
    )
