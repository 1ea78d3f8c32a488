"""What can go wrong with remembering: one error for people, one for bytes, and who is to blame.

ExplainError
└── StoreError      a folder, disk or database cannot be used: the sentence says what to do
CorruptEntry        stored bytes are not what was stored; never leaves this package
"""

import errno
import sqlite3

from core.errors import ExplainError

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_SHOWN = 100


class StoreError(ExplainError):
    """What should be remembered cannot be; results can still be computed and shown."""


class CorruptEntry(Exception):  # noqa: N818 - a state of the bytes, handled as a miss
    """Stored bytes are truncated, damaged, foreign or of a kind that is refused."""


def brief(value: object) -> str:
    """A value as a log line or a terminal can show it: one line, without control characters, not long."""
    text = repr(value[:_SHOWN] if isinstance(value, str | bytes) else value)
    return text if len(text) <= 2 * _SHOWN else f"{text[:_SHOWN]}..."


def shown(value: object) -> str:
    """The same without quotes where it is plain text, as names of ours are."""
    plain = isinstance(value, str) and value.isprintable() and len(value) <= _SHOWN
    return value if plain else brief(value)


def sqlite_code(error: BaseException) -> int | None:
    """SQLite's primary result code behind `error`, or None where SQLite is not the cause.

    diskcache raises `Timeout from None` whatever the reason, so the context is read as well.
    """
    cause: BaseException | None = error
    while cause is not None:
        code = getattr(cause, "sqlite_errorcode", None)
        if code is not None:
            return code & 0xFF
        cause = cause.__cause__ or cause.__context__
    return None


def is_damage(error: BaseException) -> bool:
    """Whether the database file itself is broken, and no retry or free space would help."""
    return sqlite_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def store_error(error: BaseException, what: str) -> StoreError:
    """The sentence for people about a failure of `what` ("The result store in /srv/cache", say)."""
    code, number = sqlite_code(error), getattr(error, "errno", None)
    if code == sqlite3.SQLITE_FULL or number in _DISK_FULL:
        return StoreError(f"{what} cannot be written: the disk is full. Free some space, or choose another folder.")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM) or number in _DENIED:
        return StoreError(
            f"{what} cannot be written. Make the folder writable for the user who runs this program, "
            "or choose another folder."
        )
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(f"{what} is held by another program. Wait for it to finish, or stop it, and try again.")
    if code == sqlite3.SQLITE_IOERR:
        return StoreError(
            f"{what} cannot be written: the disk reports an error. Check its space, limits and health, "
            "or choose another folder."
        )
    if is_damage(error):
        return StoreError(
            f"{what} is damaged ({error}). Start the server again: it sets the file aside and begins a fresh one. "
            "If the damage lies deeper, stop the server and run: python -m dashboard store recover"
        )
    return StoreError(f"{what} cannot be used ({error}). Check the folder, or choose another.")
