"""Stands before Streamlit's own door for uploads: only pages that were let in may bring files, and only so many.

Streamlit takes a file for whichever page is connected, whether or not anybody has signed in there, and keeps it in
memory until the page closes.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from dashboard.session import admitted
from dashboard.settings import Settings
from dashboard.uploads.arriving import STALLED, Arriving
from dashboard.uploads.files import held_by_visitor
from dashboard.uploads.room import LEAST, MB, Limits, UploadRefused, UploadRoom

_DOOR = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+\Z")

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


def upload_room(limits: Limits) -> UploadRoom:
    """The room of everything that comes to this server as a file, whichever way it comes."""
    return UploadRoom(limits, _held_by_visitor, lambda: let_go_of_closed(held_files()))


def _held_by_visitor() -> Counter[str]:
    held = held_by_visitor()
    for page, size in held_files().items():
        held[admitted.visitor_of(page) or page] += size
    return held


class UploadGuard:
    """Lets uploads pass that come from pages which were let in, as long as there is room.

    Args:
        room: of all uploads together.
        stalled: see `dashboard.uploads.arriving.STALLED`.
    """

    def __init__(self, app: ASGIApp, room: UploadRoom, stalled: float = STALLED) -> None:
        self._app = app
        self._room = room
        self._stalled = stalled

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
        upload, answered = Arriving(self._room, visitor, receive, self._stalled), False

        async def answer(message: Message) -> None:
            nonlocal answered
            answered = True
            upload.end()  # by now the file is held, or was refused
            await send(message)

        try:
            upload.announce(Headers(scope=scope).get("content-length", ""))
            await self._app(scope, upload.receive, answer)
        except UploadRefused as refusal:
            admitted.tell(door[1], refusal.sentence)
            if not answered:
                await PlainTextResponse(refusal.sentence, refusal.status)(scope, receive, send)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        finally:
            upload.end()


def _room_of(file: UploadedFileRec) -> int:
    return max(LEAST, len(file.data) + len(file.name) + len(file.type))
