"""TIFF files made tag by tag: kinds that no writer at hand makes."""

import struct
from collections.abc import Sequence

import numpy as np

SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 11: 4, 12: 8}
CODES = {1: "B", 2: "B", 3: "H", 4: "I", 11: "f", 12: "d"}


def pack_bits(values: Sequence[int], bits: int) -> bytes:
    """One row of whole numbers of so many bits each, the first bit first, filled up to a byte."""
    text = "".join(format(value, f"0{bits}b") for value in values)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def tiff(
    samples: bytes,
    size: tuple[int, int],
    bits: int,
    *,
    channels: int = 1,
    photometric: int = 1,
    sample_format: int = 1,
    order: str = "<",
    tags: Sequence[tuple[int, int, tuple]] = (),
    without: Sequence[int] = (),
) -> bytes:
    """One uncompressed page.

    Args:
        tags: further ones, (tag, type, values); offsets of strips (273) from the beginning of the samples.
        without: tags that are left out.
    """
    return pages([page(samples, size, bits, channels, photometric, sample_format, tags, without)], order)


def page(samples, size, bits, channels=1, photometric=1, sample_format=1, tags=(), without=()):
    """(samples, tags) of a page; see `tiff`."""
    width, height = size
    own = [
        *((256, 4, (width,)), (257, 4, (height,)), (258, 3, (bits,) * channels), (259, 3, (1,))),
        *((262, 3, (photometric,)), (277, 3, (channels,)), (278, 4, (height,)), (279, 4, (len(samples),))),
        *((284, 3, (1,)), (339, 3, (sample_format,) * channels)),
    ]
    own = [each for each in own if each[0] not in {tag for tag, _, _ in tags}]
    return samples, [each for each in [*own, *tags] if each[0] not in without]


def pages(several, order: str = "<") -> bytes:
    """A file of these pages."""
    data = bytearray((b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", 42, 0))
    link = 4
    for samples, tags in several:
        place = len(data)
        data += samples + bytes(len(samples) % 2)
        entries = []
        within = next((values for tag, _, values in tags if tag == 273), (0,))
        offsets = (273, 4, tuple(place + each for each in within))
        for tag, kind, values in sorted([*(each for each in tags if each[0] != 273), offsets]):
            raw = struct.pack(f"{order}{len(values)}{CODES[kind]}", *values)
            if len(raw) > 4:
                entries.append(struct.pack(f"{order}HHII", tag, kind, len(values), len(data)))
                data += raw + bytes(len(raw) % 2)
            else:
                entries.append(struct.pack(f"{order}HHI", tag, kind, len(values)) + raw.ljust(4, b"\0"))
        struct.pack_into(f"{order}I", data, link, len(data))
        data += struct.pack(f"{order}H", len(entries)) + b"".join(entries)
        link = len(data)
        data += bytes(4)
    return bytes(data)


def grey(values: np.ndarray, **options) -> bytes:
    """A grey page of an array's own type."""
    bits, kind = values.dtype.itemsize * 8, {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    order = options.get("order", "<")
    samples = values.astype(values.dtype.newbyteorder(order)).tobytes()
    return tiff(samples, values.shape[::-1], bits, sample_format=kind, **options)


def planar(channels: np.ndarray, rows: int, pack=bytes, tags: Sequence[tuple] = (), **options) -> bytes:
    """A page whose channels, [channel, row, column], lie one after the other.

    Args:
        rows: of a strip.
        pack: compresses a strip.
    """
    order, (count, height, width) = options.get("order", "<"), channels.shape
    stored = channels.astype(channels.dtype.newbyteorder(order))
    strips = [pack(each[top : top + rows].tobytes()) for each in stored for top in range(0, height, rows)]
    lengths = [len(strip) for strip in strips]
    offsets = [sum(lengths[:number]) for number in range(len(strips))]
    own = [(273, 4, tuple(offsets)), (278, 4, (rows,)), (279, 4, tuple(lengths)), (284, 3, (2,)), *tags]
    bits, kind = channels.dtype.itemsize * 8, {"u": 1, "i": 2, "f": 3}[channels.dtype.kind]
    options = {"photometric": 2} | options
    return tiff(b"".join(strips), (width, height), bits, channels=count, sample_format=kind, tags=own, **options)
