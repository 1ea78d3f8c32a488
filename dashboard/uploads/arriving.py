"""One body on its way, whose bytes are counted as they come: what is announced may be wrong, or missing."""

import asyncio

from starlette.types import Message, Receive

from dashboard.session import refusals
from dashboard.session.refusals import Refusal
from dashboard.uploads.room import LEAST, MB, UploadRefused, UploadRoom

_STEP = MB
"""Bytes for which room is taken at a time, where nobody has said how many will come."""
_FRAME = MB
"""Bytes that the form around a file takes at most."""
STALLED = 60.0
"""Seconds without a further byte after which a body on its way is given up."""


class Arriving:
    """A body that is being received, for which room is taken piece by piece.

    Args:
        visitor: in whose quota it is counted.
        receive: as ASGI has it.
        stalled: see `STALLED`.
        most: bytes of all files in it; None for the largest single file that may come.
    """

    def __init__(
        self, room: UploadRoom, visitor: str, receive: Receive, stalled: float = STALLED, most: int | None = None
    ) -> None:
        self._room, self._visitor = room, visitor
        self._receive, self._stalled = receive, stalled
        self._most = room.limits.single if most is None else most
        self._taken = self._came = 0

    def announce(self, length: str) -> None:
        """Takes room for what a header says that will come.

        Raises:
            UploadRefused: there is none.
        """
        self._make_room_for(int(length) if len(length) < 16 and length.isascii() and length.isdecimal() else _STEP)

    async def receive(self) -> Message:
        """The next piece, for which there is room.

        Raises:
            UploadRefused: there is none, or no piece comes.
        """
        try:
            message = await asyncio.wait_for(self._receive(), self._stalled)
        except TimeoutError:
            raise UploadRefused(408, Refusal(refusals.STALLED)) from None
        self._came += len(message.get("body", b""))
        self._make_room_for(self._came)
        return message

    def end(self) -> None:
        """Gives back what was taken: by now what came is held otherwise, or was refused."""
        self._room.give_back(self._visitor, self._taken)
        self._taken = 0

    def _make_room_for(self, size: int) -> None:
        if size > self._most + _FRAME:
            raise UploadRefused(413, Refusal(refusals.TOO_LARGE, count=self._most // MB))
        if size > self._taken:
            more = max(size - self._taken, LEAST if self._came == 0 else _STEP)
            self._room.take(self._visitor, more)
            self._taken += more
