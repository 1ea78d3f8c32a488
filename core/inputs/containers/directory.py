"""Directories of tags, as TIFF files and EXIF blocks have them, read without trusting a byte."""

import struct
from dataclasses import dataclass, field

from core.inputs.containers.first_frame import Broken

ORIENTATION = 0x0112

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_CODES = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q", 17: "q", 18: "Q"}
_MOST_VALUES = 16
_MOST_ENTRIES = 4096  # tags are in ascending order, and those that are looked for have small numbers


@dataclass(frozen=True)
class Entry:
    """One tag as it lies in the file: `raw` is the whole entry."""

    tag: int
    kind: int
    count: int
    raw: bytes


@dataclass(frozen=True)
class Directory:
    """One directory.

    Attributes:
        entries: by tag; of a tag that is there twice the first.
        at, next: where it and the next one lie; 0 for none.
    """

    at: int
    entries: dict[int, Entry] = field(repr=False)
    next: int


@dataclass(frozen=True)
class TagFile:
    """The frame in which directories lie.

    Attributes:
        data: the whole file or block.
        order: "<" or ">", as `struct` has it.
        is_big: BigTIFF, whose offsets have eight bytes.
        first: where the first directory lies.
    """

    data: bytes = field(repr=False)
    order: str
    is_big: bool
    first: int

    @classmethod
    def of(cls, data: bytes) -> "TagFile":
        """
        Raises:
            Broken: it begins with no header.
        """
        order = {b"II": "<", b"MM": ">"}.get(bytes(data[:2]))
        if order is None or len(data) < 8:
            raise Broken
        # The two bytes after the order are now and then written in the other order.
        is_big = 43 in struct.unpack("<HH", data[2:4] + data[3:1:-1])
        first = struct.unpack_from(f"{order}Q", data, 8) if is_big and len(data) >= 16 else ()
        first = first or struct.unpack_from(f"{order}I", data, 4)
        return cls(data, order, is_big, first[0])

    def directory(self, at: int) -> Directory:
        """The directory at a place.

        Raises:
            Broken: there is none; of one that is cut off, too.
        """
        head, size, link = ("Q", 20, "Q") if self.is_big else ("H", 12, "I")
        entries, start = {}, at + struct.calcsize(head)
        try:
            (count,) = struct.unpack_from(self.order + head, self.data, at)
            end = start + count * size
            if not 0 < at < len(self.data) or end > len(self.data):
                raise Broken
            for place in range(start, min(end, start + _MOST_ENTRIES * size), size):
                raw = bytes(self.data[place : place + size])
                tag, kind, number = struct.unpack_from(f"{self.order}HH{link}", raw)
                entries.setdefault(tag, Entry(tag, kind, number, raw))
        except (struct.error, OverflowError):
            raise Broken from None
        after = self.data[end : end + struct.calcsize(link)]
        following = struct.unpack(self.order + link, after)[0] if len(after) == struct.calcsize(link) else 0
        return Directory(at, entries, following)

    def next_of(self, at: int) -> int:
        """Where the directory after the one at a place lies, without reading its entries; 0 for none.

        Raises: as `directory`.
        """
        head, size, link = ("Q", 20, "Q") if self.is_big else ("H", 12, "I")
        try:
            (count,) = struct.unpack_from(self.order + head, self.data, at)
            end = at + struct.calcsize(head) + count * size
            if not 0 < at < len(self.data) or end > len(self.data):
                raise Broken
            # Without a link at the very end of a file, this directory is the last.
            return struct.unpack_from(self.order + link, self.data, end)[0] if end < len(self.data) - 3 else 0
        except (struct.error, OverflowError):
            raise Broken from None

    def values(self, directory: Directory, tag: int) -> tuple[float, ...]:
        """The numbers of a tag, a few at most; empty where it is missing, of another type or out of the file."""
        entry = directory.entries.get(tag)
        if entry is None or entry.kind not in _CODES:
            return ()
        count, inline = min(entry.count, _MOST_VALUES), entry.raw[12:] if self.is_big else entry.raw[8:]
        layout = f"{self.order}{count}{_CODES[entry.kind]}"
        try:
            if entry.count * _SIZES[entry.kind] <= len(inline):
                return struct.unpack_from(layout, inline)
            (at,) = struct.unpack_from(self.order + ("Q" if self.is_big else "I"), inline)
            return struct.unpack_from(layout, self.data, at)
        except (struct.error, OverflowError):
            return ()

    def part(self, entry: Entry, number: int, of: int) -> bytes:
        """An entry with one of so many equal parts of another one's values, which stay where they lie.

        Raises:
            Broken: they are out of the file, or cannot be parted so.
        """
        link, room = ("Q", 8) if self.is_big else ("I", 4)
        count, size = entry.count // of, _SIZES.get(entry.kind, 0)
        if not count or not size or entry.count % of:
            raise Broken
        inline, start, length = entry.raw[-room:], number * count * size, count * size
        if entry.count * size > room:
            at = struct.unpack(self.order + link, inline)[0] + start
            inline = self.data[at : at + length] if length <= room else struct.pack(self.order + link, at)
            if at + length > len(self.data):
                raise Broken
        else:
            inline = inline[start : start + length]
        head = struct.pack(f"{self.order}HH{link}", entry.tag, entry.kind, count)
        return head + bytes(inline).ljust(room, b"\0")

    def number(self, directory: Directory, tag: int, otherwise: int | None = None) -> int | None:
        """The first number of a tag."""
        return next((int(each) for each in self.values(directory, tag) if each == each // 1), otherwise)


def orientation_in(block: bytes) -> int:
    """The orientation that an EXIF block names; 1 where it is broken, odd or says nothing."""
    block = block[6:] if block[:6] == b"Exif\0\0" else block
    try:
        exif = TagFile.of(block)
        return checked_orientation(exif.number(exif.directory(exif.first), ORIENTATION))
    except Broken:
        return 1


def checked_orientation(value: int | None) -> int:
    """1 unless it is one of the eight."""
    return value if value in range(1, 9) else 1
