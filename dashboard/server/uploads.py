"""Stands before Streamlit's own door for uploads: only pages that were let in may bring files, and only so many.

Streamlit takes a file for whichever page is connected, whether or not anybody has signed in there, and keeps it in
memory until the page closes.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from dashboard.server.upload_room import LEAST, MB, Limits, UploadRefused, UploadRoom
from dashboard.session import admitted, refusals
from dashboard.session.refusals import Refusal
from dashboard.settings import Settings

_DOOR = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+\Z")
_STEP = MB
"""Bytes for which room is taken at a time, where a browser has not said how many will come."""
_FRAME = MB
"""Bytes that the form around a file takes at most."""
STALLED = 60.0
"""Seconds without a further byte after which a file on its way is given up."""

NOT_LET_IN = "This page has not been let in, so nothing can be uploaded to it. Open the page again, and sign in."


def limits_of(settings: Settings) -> Limits:
    """How much may be uploaded."""
    return Limits(settings.max_upload_mb * MB, settings.upload_mb_per_visitor * MB, settings.upload_mb_in_all * MB)


def held_files() -> dict[str, int]:
    """Page -> bytes of the uploaded files that Streamlit keeps for it, now."""
    held = runtime.get_instance().uploaded_file_mgr.file_storage
    return {page: sum(_room_of(file) for file in list(files.values())) for page, files in list(held.items())}


def let_go_of_closed(held: Mapping[str, int]) -> None:
    """Drops the files of pages that are closed. Streamlit does so, too, but only when somebody opens another page."""
    server = runtime.get_instance()
    for page in held:
        if not server.is_active_session(page):
            server.uploaded_file_mgr.remove_session_files(page)


async def let_go_now_and_then(every: float = 60.0) -> None:
    """Drops the files of pages that have been closed for a while: a connection may break, and come back."""
    closed: set[str] = set()
    while True:
        await asyncio.sleep(every)
        if not runtime.exists():
            continue
        now = {page for page in held_files() if not runtime.get_instance().is_active_session(page)}
        let_go_of_closed(dict.fromkeys(now & closed, 0))
        closed = now


class UploadGuard:
    """Lets uploads pass that come from pages which were let in, as long as there is room.

    Args:
        held: page -> bytes of the files that are kept for it.
        stalled: see `STALLED`.
    """

    def __init__(
        self,
        app: ASGIApp,
        limits: Limits,
        held: Callable[[], dict[str, int]] = held_files,
        stalled: float = STALLED,
    ) -> None:
        self._app = app
        self._held = held
        self._stalled = stalled
        self._room = UploadRoom(limits, self._held_by_visitor, lambda: let_go_of_closed(held()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        door = _DOOR.search(scope["path"]) if scope["type"] == "http" else None
        if door is None or scope["method"] == "OPTIONS":
            return await self._app(scope, receive, send)
        visitor = admitted.visitor_of(door[1])
        if visitor is None:
            return await PlainTextResponse(NOT_LET_IN, 403)(scope, receive, send)
        if scope["method"] != "PUT":
            return await self._app(scope, receive, send)
        upload = _Upload(self._room, visitor, receive, send, self._stalled)
        try:
            upload.announce(Headers(scope=scope).get("content-length", ""))
            await self._app(scope, upload.receive, upload.send)
        except UploadRefused as refusal:
            admitted.tell(door[1], refusal.sentence)
            if not upload.answered:
                await PlainTextResponse(refusal.sentence, refusal.status)(scope, receive, send)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        finally:
            upload.end()

    def _held_by_visitor(self) -> Counter[str]:
        held: Counter[str] = Counter()
        for page, size in self._held().items():
            held[admitted.visitor_of(page) or page] += size
        return held


class _Upload:
    """One file on its way, whose bytes are counted as they come: what a browser announces may be wrong, or missing."""

    def __init__(self, room: UploadRoom, visitor: str, receive: Receive, send: Send, stalled: float) -> None:
        self.answered = False
        self._room, self._visitor = room, visitor
        self._receive, self._send, self._stalled = receive, send, stalled
        self._taken = self._came = 0

    def announce(self, length: str) -> None:
        """Takes room for what the browser says that it will send."""
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

    async def send(self, message: Message) -> None:
        """The answer; by now the file is held, or was refused."""
        self.answered = True
        self.end()
        await self._send(message)

    def end(self) -> None:
        """Gives back what was taken."""
        self._room.give_back(self._visitor, self._taken)
        self._taken = 0

    def _make_room_for(self, size: int) -> None:
        if size > self._room.limits.single + _FRAME:
            raise UploadRefused(413, Refusal(refusals.TOO_LARGE, count=self._room.limits.single // MB))
        if size > self._taken:
            more = max(size - self._taken, LEAST if self._came == 0 else _STEP)
            self._room.take(self._visitor, more)
            self._taken += more


def _room_of(file: UploadedFileRec) -> int:
    return max(LEAST, len(file.data) + len(file.name) + len(file.type))
