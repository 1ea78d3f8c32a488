"""ZIP files of strangers -> bytes of their members, within limits, in memory: no name in them becomes a path."""

import io
import zipfile
import zlib
from dataclasses import dataclass

from core.errors import InputError

# Damage of every kind, an unknown way of packing, a password.
_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)


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
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
    except _UNREADABLE:
        raise _damaged(what) from None
    members = file.infolist()
    if len(members) > limits.members:
        raise InputError(f"{what} holds {len(members):,} files; at most {limits.members:,} can be read.")
    for member in members:
        if leaves_folder(member.orig_filename):
            raise InputError(f"{what} names files outside its own folder, as no export does. Nothing was read from it.")
    total, largest = sum(member.file_size for member in members), max((m.file_size for m in members), default=0)
    if largest > limits.single or total > limits.total:
        size, most = (total, limits.total) if total > limits.total else (largest, limits.single)
        raise InputError(
            f"{what} unpacks to {size / 2**20:,.0f} MB{'' if size == total else ' in one file'}; at most "
            f"{most / 2**20:,.0f} MB can be read. Export fewer runs at once."
        )
    if total > limits.free and total > limits.ratio * len(data):
        raise InputError(
            f"{what} unpacks to {total / len(data):,.0f} times its own size, as no export does. "
            "Nothing was read from it."
        )
    return file


def read_member(file: zipfile.ZipFile, member: zipfile.ZipInfo, what: str = "The ZIP") -> bytes:
    """The bytes of a member: as many as its ZIP announced, which `open_zip` has checked, and never more.

    Raises:
        InputError: they are damaged, of another length, or encrypted.
    """
    try:
        with file.open(member) as stream:
            data = stream.read(member.file_size + 1)
    except _UNREADABLE:
        raise _damaged(what) from None
    if len(data) != member.file_size:
        raise _damaged(what)
    return data


def leaves_folder(name: str) -> bool:
    """Whether a member's name would leave the folder that it is unpacked in, on any system."""
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name


def _damaged(what: str) -> InputError:
    return InputError(f"{what} is damaged, cut off or encrypted and cannot be read. Export or send it again.")
