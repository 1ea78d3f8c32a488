"""ZIP files of strangers -> bytes of their members, within limits, in memory: no name in them becomes a path."""

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

from core.errors import InputError

# Damage of every kind, an unknown way of packing, a password.
_UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError, MemoryError),
    *(struct.error, IndexError, OverflowError, UnicodeError),
)
# LZMA reserves as much memory as its header claims.
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
_LISTED = b"PK\x01\x02"
"""What begins each member's line in a ZIP's table of contents."""
_NESTED = 5
"""ZIPs within a ZIP, which lie in it as they are, have tables of contents of their own."""


@dataclass(frozen=True)
class ZipLimits:
    """How much a ZIP may hold.

    Attributes:
        members: how many files.
        single, total: bytes of one of them and of all, unpacked.
        ratio: unpacked over packed bytes of all; only from `free` bytes on, since a map of zeros packs well.
    """

    members: int = 20_000
    single: int = 2**28
    total: int = 2**31
    ratio: float = 100.0
    free: int = 2**26


def open_zip(data: bytes, limits: ZipLimits, what: str = "The ZIP") -> zipfile.ZipFile:
    """A ZIP whose table of contents keeps to the limits; nothing of it is unpacked yet.

    Args:
        what: how messages call it.

    Raises:
        InputError: it is damaged, too large, or names files outside itself; a sentence.
    """
    # Counted first: the table of contents of a large file can take gigabytes once it is read.
    count = data.count(_LISTED)
    if count > _NESTED * limits.members:
        raise _too_many(what, count, limits)
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
    except _UNREADABLE:
        raise _damaged(what) from None
    members = file.infolist()
    if len(members) > limits.members:
        raise _too_many(what, len(members), limits)
    _refuse_overlaps(members, what)
    for member in members:
        if leaves_folder(member.orig_filename):
            raise InputError(f"{what} names files outside its own folder. Nothing was read from it; pack it again.")
    total, largest = sum(member.file_size for member in members), max((m.file_size for m in members), default=0)
    if largest > limits.single or total > limits.total:
        size, most = (total, limits.total) if total > limits.total else (largest, limits.single)
        raise InputError(
            f"{what} unpacks to {size / 2**20:,.0f} MB{'' if size == total else ' in one file'}; at most "
            f"{most / 2**20:,.0f} MB can be read. Split it into several."
        )
    if total > limits.free and total > limits.ratio * len(data):
        raise InputError(
            f"{what} unpacks to {total / len(data):,.0f} times its own size, more than the {limits.ratio:,.0f} times "
            "that are taken. Nothing was read from it; split it into several."
        )
    return file


def named_members(file: zipfile.ZipFile, what: str = "The ZIP") -> dict[str, zipfile.ZipInfo]:
    """The members by their names.

    Raises:
        InputError: two have the same name, so that programs differ in which of them they read.
    """
    members = {member.filename: member for member in file.infolist()}
    if len(members) != len(file.infolist()):
        raise InputError(f"{what} holds two files of one name. Nothing was read from it; export it again.")
    return members


def read_member(
    file: zipfile.ZipFile, member: zipfile.ZipInfo, what: str = "The ZIP", most: int | None = None
) -> bytes:
    """The bytes of a member: as many as its ZIP announced, which `open_zip` has checked, and never more.

    Args:
        most: only so many from its beginning; None for all of them.

    Raises:
        InputError: they are damaged, of another length, or encrypted.
    """
    wanted = member.file_size if most is None else min(most, member.file_size)
    try:
        data = _unpacked(file, member, wanted if most is not None else wanted + 1)
    except _UNREADABLE:
        raise _damaged(what) from None
    if len(data) != wanted:
        raise _damaged(what)
    return data


def read_head(file: zipfile.ZipFile, member: zipfile.ZipInfo, size: int) -> bytes:
    """The first bytes of a member, `size` at most; none where they cannot be read, as `read_member` will say."""
    try:
        return _unpacked(file, member, size)
    except _UNREADABLE:
        return b""


def _unpacked(file: zipfile.ZipFile, member: zipfile.ZipInfo, size: int) -> bytes:
    if member.compress_type not in _PACKED:
        raise NotImplementedError
    with file.open(member) as stream:
        return stream.read(size)


def leaves_folder(name: str) -> bool:
    """Whether a member's name would leave the folder that it is unpacked in, on any system."""
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name


def _refuse_overlaps(members: list[zipfile.ZipInfo], what: str) -> None:
    """Members that share their packed bytes make gigabytes of a small file."""
    end = 0
    for member in sorted(members, key=lambda each: each.header_offset):
        if member.header_offset < end:
            raise InputError(f"{what} holds files that overlap. Nothing was read from it; pack it again.")
        end = member.header_offset + member.compress_size


def _too_many(what: str, count: int, limits: ZipLimits) -> InputError:
    return InputError(f"{what} holds {count:,} files; at most {limits.members:,} can be read.")


def _damaged(what: str) -> InputError:
    return InputError(f"{what} is damaged, cut off or encrypted and cannot be read. Save or send it again.")
