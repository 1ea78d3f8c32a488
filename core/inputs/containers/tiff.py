"""TIFF: one page at a time, with a directory of those tags alone that decide its pixels."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from core.inputs.containers.directory import ORIENTATION, Directory, TagFile, checked_orientation
from core.inputs.containers.first_frame import Broken, FirstFrame, Meaning

MAGICS = (b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")
MOST_PAGES = 10_000
"""Pages that are counted."""
MOST_LOOKED_AT = 100
"""Pages that are looked at for one that says where its pixels are."""

_WIDTH, _LENGTH, _BITS, _PHOTOMETRIC, _SAMPLES, _FORMAT = 256, 257, 258, 262, 277, 339
_PLANES, _EXTRA = 284, 338
_LOWEST, _HIGHEST, _LOWEST_OF_SAMPLES, _HIGHEST_OF_SAMPLES, _PROFILE = 280, 281, 340, 341, 34675
_OFFSETS = (273, 324)
_LENGTHS = (279, 325)
_DECIDES_PIXELS = {
    *(_WIDTH, _LENGTH, _BITS, _PHOTOMETRIC, _SAMPLES, _FORMAT, *_OFFSETS),
    # compression and its options, fill order, rows and bytes of strips, planes, predictor, colours, tiles, ink set,
    # extra samples, JPEG tables (new and old), subsampling, its place, reference black and white
    *(259, 266, 278, 279, 284, 292, 293, 317, 320, 322, 323, 325, 332, 338, 347),
    *(512, 513, 514, 515, 519, 520, 521, 529, 530, 531, 532),
}
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB = 0, 1, 2
_OF_SEVERAL_CHANNELS = (_BITS, _SAMPLES, _FORMAT, _PLANES, _EXTRA, 532)
_RAW_SENSOR = (32803, 34892)
_DNG_VERSION, _MAKE, _SUB_DIRECTORIES, _SUBFILE = 50706, 271, 330, 254


def pages(data: bytes) -> Iterator[FirstFrame]:
    """The pages that say where their pixels are, one after the other.

    Raises:
        Broken: there is no first directory.
    """
    file = TagFile.of(data)
    places, is_whole = _places(file)
    if not places:
        raise Broken
    for number, place in enumerate(places[:MOST_LOOKED_AT], 1):
        directory = file.directory(place)
        width, height = (file.number(directory, tag, 0) for tag in (_WIDTH, _LENGTH))
        if width > 0 and height > 0 and any(tag in directory.entries for tag in _OFFSETS):
            yield replace(_page(file, directory, (width, height), number, len(places)), is_whole=is_whole)


def is_raw(data: bytes) -> bool:
    """Whether it holds what a camera's sensor saw (DNG, NEF, CR2, ARW ...), and but a thumbnail as a picture."""
    if data[8:10] == b"CR":
        return True
    try:
        file = TagFile.of(data)
        first = file.directory(file.first)
    except Broken:
        return False
    thumbnail = {_MAKE, _SUB_DIRECTORIES} <= set(first.entries) and file.number(first, _SUBFILE, 0) == 1
    return thumbnail or _DNG_VERSION in first.entries or file.number(first, _PHOTOMETRIC) in _RAW_SENSOR


def _places(file: TagFile) -> tuple[list[int], bool]:
    """(where the directories lie that are there, whether that is all of them)."""
    at, found = file.first, {}
    while at and at not in found and len(found) < MOST_PAGES:
        try:
            found[at] = file.next_of(at)
        except Broken:
            return list(found), False
        at = found[at]
    return list(found), True


def _page(file: TagFile, directory: Directory, size: tuple[int, int], number: int, count: int) -> FirstFrame:
    meaning = _meaning(file, directory)
    entries = {tag: entry.raw for tag, entry in directory.entries.items() if tag in _DECIDES_PIXELS}
    if meaning.white_is_zero:
        # Pillow turns some kinds round and leaves others as they are: none is, here.
        entries[_PHOTOMETRIC] = _short(file, _PHOTOMETRIC, _BLACK_IS_ZERO)
    return FirstFrame(
        _with_one_directory(file, directory.at, entries),
        size,
        checked_orientation(file.number(directory, ORIENTATION)),
        frames=count,
        number=number,
        meaning=meaning,
        planes=_planes(file, directory, entries, meaning),
    )


def _planes(
    file: TagFile, directory: Directory, entries: dict[int, bytes], meaning: Meaning
) -> tuple[Callable[[], bytes], ...] | None:
    """See `FirstFrame`: Pillow and OpenCV read such files as if the channels of a pixel lay beside each other."""
    is_rgb = file.number(directory, _PHOTOMETRIC) == _RGB
    if meaning.bits > 8 and is_rgb and meaning.channels < 3:
        return ()  # three would be read, of which two lie nowhere
    if meaning.bits <= 8 or meaning.channels < 2 or file.number(directory, _PLANES, 1) != 2:
        return None
    if not is_rgb:
        return ()
    kept = {tag: raw for tag, raw in entries.items() if tag not in _OF_SEVERAL_CHANNELS}
    sample_format = file.number(directory, _FORMAT, 1)
    values = {_BITS: meaning.bits, _SAMPLES: 1, _FORMAT: sample_format, _PHOTOMETRIC: _BLACK_IS_ZERO}
    kept |= {tag: _short(file, tag, value) for tag, value in values.items()}

    def plane(number: int) -> bytes:
        parts = [directory.entries[tag] for tag in (*_OFFSETS, *_LENGTHS) if tag in kept]
        own = {each.tag: file.part(each, number, meaning.channels) for each in parts}
        return _with_one_directory(file, directory.at, kept | own)

    used = 4 if meaning.channels > 3 and meaning.has_alpha else 3
    return tuple(partial(plane, number) for number in range(used))


def _meaning(file: TagFile, directory: Directory) -> Meaning:
    bits, kind = file.number(directory, _BITS, 1), file.number(directory, _FORMAT, 1)
    photometric = file.number(directory, _PHOTOMETRIC)
    declared, said_by = None, ""
    for low, high in ((_LOWEST_OF_SAMPLES, _HIGHEST_OF_SAMPLES), (_LOWEST, _HIGHEST)):
        found = [*file.values(directory, low)[:1], *file.values(directory, high)[:1]]
        if found == [0, 2**bits - 1]:
            continue  # what its number of bits can hold, which says nothing of what is in it
        if len(found) == 2 and all(abs(each) < 1e30 for each in found) and found[0] < found[1]:
            declared, said_by = (float(found[0]), float(found[1])), "its tags of the lowest and highest value"
            break
    if declared is None and 8 < bits < 16 and kind == 1:
        declared, said_by = (0.0, float(2**bits - 1)), f"{bits} bits a sample"
    return Meaning(
        bits=bits,
        channels=max(1, file.number(directory, _SAMPLES, 1)),
        has_alpha=file.number(directory, _EXTRA) != 0,
        is_float=kind == 3,
        is_signed=kind == 2,
        white_is_zero=bits > 8 and photometric == _WHITE_IS_ZERO,
        declared=declared,
        said_by=said_by,
        for_display=_PROFILE in directory.entries,
    )


def _with_one_directory(file: TagFile, at: int, entries: dict[int, bytes]) -> bytes:
    """The file with a shorter directory in the place of its own: nothing moves, and nothing is added to its end."""
    order, body = file.order, b"".join(entries[tag] for tag in sorted(entries))
    head, count, link = ("HHHQ", "Q", 8) if file.is_big else ("HI", "H", 4)
    first = (43, 8, 0, at) if file.is_big else (42, at)
    data = bytearray(file.data)
    struct.pack_into(order + head, data, 2, *first)
    directory = struct.pack(order + count, len(entries)) + body + bytes(link)
    data[at : at + len(directory)] = directory[: len(data) - at]
    return bytes(data)


def _short(file: TagFile, tag: int, value: int) -> bytes:
    count = "Q" if file.is_big else "I"
    raw = struct.pack(f"{file.order}HH{count}H", tag, 3, 1, value)
    return raw.ljust(20 if file.is_big else 12, b"\0")
