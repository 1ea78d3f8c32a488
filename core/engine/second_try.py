"""What fails for a reason that passes is tried once more. No torch here."""

import errno
import logging
import re
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from core.memory.out_of_memory import is_out_of_memory

logger = logging.getLogger(__name__)

Loaded = TypeVar("Loaded")

PAUSE = 1.0
"""Seconds between the two tries: what was copied is there by then, or another process has let its memory go."""

# Of the machine, the disk or the network at that moment; what is missing or forbidden stays so.
_PASSING = frozenset(
    {
        *(errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM),
        *(errno.ECONNABORTED, errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTDOWN, errno.EHOSTUNREACH),
        *(errno.ENETDOWN, errno.ENETRESET, errno.ENETUNREACH, errno.ESTALE, errno.ETIMEDOUT, errno.EREMOTEIO),
    }
)
# How libraries written in Rust tell the number in their text.
_NUMBER = re.compile(r"\(os error (\d+)\)")


class FilesChanged(Exception):  # noqa: N818 - never raised by itself: the cause of a sentence for people
    """Files changed while they were read; what was made of them may be half old and half new."""


def tried_twice(load: Callable[[], Loaded]) -> Loaded:
    """What `load` returns; where it fails for a reason that passes, what it returns or raises the second time."""
    try:
        return load()
    except Exception as error:
        if not passes(error):
            raise
        logger.warning("A model could not be loaded (%s); it is tried once more.", _root(error))
    time.sleep(PAUSE)  # outside of `except`: what the first try holds in its frames is let go before the second
    return load()


def passes(error: BaseException) -> bool:
    """Whether the same, tried again a moment later, may well succeed."""
    return any(_passes(each) for each in _chain(error))


def _passes(error: BaseException) -> bool:
    if isinstance(error, (FilesChanged, TimeoutError)):
        return True
    if isinstance(error, OSError) and error.errno in _PASSING:
        return True
    if any(int(number) in _PASSING for number in _NUMBER.findall(str(error))):
        return True
    return isinstance(error, Exception) and is_out_of_memory(error)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came of, the latest first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        yield error
        seen.add(id(error))
        error = error.__cause__ or error.__context__


def _root(error: BaseException) -> str:
    return type(list(_chain(error))[-1]).__name__
