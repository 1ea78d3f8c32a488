"""Whether this server can do its work: each part is really used, and says by itself when it fails."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

logger = logging.getLogger(__name__)

PATIENCE = 20.0
"""Seconds after which a part that has not answered fails. A cold page imports for a few."""
FRESH = 2.0
"""Seconds for which a report serves others who ask: looking costs a page run and three writes to the disk."""

Check = Callable[[], Awaitable[None]]
"""Uses a part; raises when that fails."""


class Health:
    """Looks at every part at once; whoever asks meanwhile gets the same report.

    Args:
        checks: what each part is called in the report, and how it is looked at.
    """

    def __init__(self, checks: Mapping[str, Check], *, patience: float = PATIENCE, fresh: float = FRESH) -> None:
        self._checks = dict(checks)
        self._patience = patience
        self._fresh = fresh
        self._failing: set[str] = set()
        self._report: asyncio.Task[dict[str, bool]] | None = None
        self._until = 0.0

    async def report(self) -> dict[str, bool]:
        """Whether each part works, not older than a moment. Called on one event loop."""
        if self._report is None or (self._report.done() and monotonic() > self._until):
            self._report = asyncio.ensure_future(self._look())
        # One who hangs up must not end it for the others.
        return await asyncio.shield(self._report)

    async def _look(self) -> dict[str, bool]:
        found = await asyncio.gather(*(self._works(name, check) for name, check in self._checks.items()))
        self._until = monotonic() + self._fresh
        return dict(zip(self._checks, found, strict=True))

    async def _works(self, name: str, check: Check) -> bool:
        try:
            async with asyncio.timeout(self._patience):
                await check()
        except Exception as error:  # whatever it is, that part does not work
            if name not in self._failing:
                self._failing.add(name)
                logger.error("Health check: %s does not work. %s", name, str(error) or "It does not answer.")
            return False
        if name in self._failing:
            self._failing.discard(name)
            logger.info("Health check: %s works again.", name)
        return True


def in_thread(look: Callable[[], None]) -> Check:
    """A check that may block, in a thread of its own: one that hangs holds up no other, nor a second of its kind."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="health")

    async def check() -> None:
        await asyncio.get_running_loop().run_in_executor(pool, look)

    return check
