"""Memory that the server gives back once everybody has left. glibc alone keeps so much; elsewhere nothing is done."""

import asyncio
import ctypes
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from starlette.concurrency import run_in_threadpool
from streamlit import runtime

from dashboard import resources
from dashboard.jobs.decoded import decoded, previews
from dashboard.session import kept

ARENAS = 2
"""Heaps that threads share. By itself glibc gives each its own, up to eight a core, and each keeps what was freed."""
LOOK = 20.0
"""Seconds between two looks at whether anybody is there."""

AFTERWARDS = 12
"""Looks after the last page was closed at which memory is given back: four minutes, while sessions end one by one."""

MAPPED = 128 * 1024
"""Bytes from which on memory is the system's again as soon as it is free: a picture, a packet of maps, a message.

By itself glibc raises that with what is freed, up to 32 MB: then pictures lie among small things that stay, and leave
holes that cannot be given back.
"""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def limit_heaps() -> None:
    """Lets the threads of this process share few heaps, and keeps large things out of them from now on."""
    if (mallopt := _of_glibc("mallopt")) is not None:
        mallopt(_M_ARENA_MAX, ARENAS)
        mallopt(_M_MMAP_THRESHOLD, MAPPED)


def give_back() -> None:
    """Gives the system what is free: objects that hold each other first, which Python looks for now and then alone."""
    gc.collect()
    if (malloc_trim := _of_glibc("malloc_trim")) is not None:
        malloc_trim(0)


@asynccontextmanager
async def given_back(pages: Callable[[], int]) -> AsyncIterator[None]:
    """Within it, what is free is given back when the last page was closed.

    Args:
        pages: how many pages are open now.
    """
    task = asyncio.create_task(_watch(pages))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(pages: Callable[[], int]) -> None:
    left = AFTERWARDS
    while True:
        await asyncio.sleep(LOOK)
        left = AFTERWARDS if pages() else left - 1
        if 0 <= left < AFTERWARDS:
            _forget_sessions()
            _forget_kept()
            await run_in_threadpool(give_back)


def _forget_sessions() -> None:
    """Lets go of the sessions of pages that lost their connection two minutes ago and more, with what they hold.

    By hand, and by names of Streamlit's own: it does so only when the next page loses its connection.
    """
    with suppress(AttributeError, RuntimeError):
        runtime.get_instance()._session_mgr._session_storage._cache.expire()


def _forget_kept() -> None:
    """Lets go of what is kept so that whoever looks again waits for nothing; it is read and drawn again in moments."""
    kept.forget()
    resources.forget_stored_jobs()
    for pixels in (decoded, previews):
        if pixels.cache_info().currsize:  # not made for this
            pixels().clear()


def _of_glibc(name: str) -> Callable[..., int] | None:
    with suppress(OSError, AttributeError, TypeError):
        return getattr(ctypes.CDLL(None), name)
    return None
