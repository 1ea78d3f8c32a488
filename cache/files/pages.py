"""Rows of a SQLite file read page by page, whatever else of it is damaged: header, schema, inner pages.

The format is described in https://www.sqlite.org/fileformat2.html. Only leaves of tables are read: the rows themselves.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MAGIC = b"SQLite format 3\0"
_LEAF = 0x0D
_USUAL_PAGE = 4096
_LONGEST = 64 * 2**20
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


@dataclass(frozen=True)
class RawRow:
    """A row as it lies in a leaf: its number and its values, the number's own column being None."""

    row: int
    values: tuple[Any, ...]


class Pages:
    """The pages of a SQLite file.

    Attributes:
        version: the file's own number of its version (`PRAGMA user_version`); None where the header is damaged.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        sound = data.startswith(MAGIC)
        size = int.from_bytes(data[16:18], "big") if sound else 0
        size = 65536 if size == 1 else size
        known = size in {2**power for power in range(9, 17)}
        self.size = size if known else _USUAL_PAGE
        self._usable = self.size - (data[20] if known and data[20] < self.size - 480 else 0)
        self.version = int.from_bytes(data[60:64], "big") if sound and known else None
        self.count = len(data) // self.size

    def rows(self) -> Iterator[RawRow]:
        """Every row of every table that can be read; pages that the file lists as free are left out."""
        free = self._free()
        for number in range(1, self.count + 1):
            if number in free:
                continue
            page, begin = self._page(number), 100 if number == 1 else 0
            if page[begin] != _LEAF:
                continue
            cells = int.from_bytes(page[begin + 3 : begin + 5], "big")
            for cell in range(min(cells, self.size // 4)):
                place = begin + 8 + 2 * cell
                try:
                    yield self._row(page, int.from_bytes(page[place : place + 2], "big"))
                except (IndexError, ValueError, struct.error):
                    continue

    def _page(self, number: int) -> bytes:
        if not 1 <= number <= self.count:
            raise ValueError("there is no such page")
        return self._data[(number - 1) * self.size : number * self.size]

    def _free(self) -> set[int]:
        """Pages that hold nothing any more, or what was deleted; as far as their list can be followed."""
        free: set[int] = set()
        trunk = int.from_bytes(self._data[32:36], "big") if self.version is not None else 0
        while 1 < trunk <= self.count and trunk not in free:
            free.add(trunk)
            page = self._page(trunk)
            count = int.from_bytes(page[4:8], "big")
            if count <= self._usable // 4 - 2:
                free |= {int.from_bytes(page[place : place + 4], "big") for place in range(8, 8 + 4 * count, 4)}
            trunk = int.from_bytes(page[:4], "big")
        return free

    def _row(self, page: bytes, place: int) -> RawRow:
        length, place = _varint(page, place)
        row, place = _varint(page, place)
        if not 0 < length <= _LONGEST:
            raise ValueError("no row is that long")
        payload = self._payload(page, place, length)
        return RawRow(row - 2**64 if row >= 2**63 else row, _record(payload))

    def _payload(self, page: bytes, place: int, length: int) -> bytes:
        usable = self._usable
        most = usable - 35
        local = length
        if length > most:
            least = (usable - 12) * 32 // 255 - 23
            kept = least + (length - least) % (usable - 4)
            local = kept if kept <= most else least
        if place + local > len(page):
            raise ValueError("it does not lie within its page")
        parts, found = [page[place : place + local]], local
        if length > local:
            follow = int.from_bytes(page[place + local : place + local + 4], "big")
            while found < length:
                overflow = self._page(follow)
                parts.append(overflow[4:usable])
                found += usable - 4
                follow = int.from_bytes(overflow[:4], "big")
        return b"".join(parts)[:length]


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for index in range(9):
        byte = data[place + index]
        if index == 8:
            return value << 8 | byte, place + 9
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + index + 1
    raise AssertionError


def _record(payload: bytes) -> tuple[Any, ...]:
    end, place = _varint(payload, 0)
    if end > len(payload):
        raise ValueError("it is no record")
    kinds = []
    while place < end:
        kind, place = _varint(payload, place)
        kinds.append(kind)
    values, place = [], end
    for kind in kinds:
        value, place = _value(payload, place, kind)
        values.append(value)
    if place != len(payload):
        raise ValueError("it is no record")
    return tuple(values)


def _value(payload: bytes, place: int, kind: int) -> tuple[Any, int]:
    if kind == 0:
        return None, place
    if kind in _INTEGERS:
        end = place + _INTEGERS[kind]
        return int.from_bytes(payload[place:end], "big", signed=True), end
    if kind == 7:
        return struct.unpack(">d", payload[place : place + 8])[0], place + 8
    if kind in (8, 9):
        return kind - 8, place
    if kind < 12:
        raise ValueError("there is no such kind of value")
    end = place + (kind - 12) // 2
    data = payload[place:end]
    return (data.decode("utf-8", "replace") if kind % 2 else data), end
