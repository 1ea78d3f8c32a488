"""Bounds what a browser may send to a page at once besides files: all of it is held in the page's session.

Streamlit takes messages of 200 MB, from whoever opens a connection.
"""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST = 4 * 2**20
"""Bytes of one message: what all fields of a page hold, the longest prompt included, is a tenth of it."""
TOO_BIG = 1009
"""As the protocol of web sockets has it."""


class MessageGuard:
    """Closes a connection that brings a larger message.

    Args:
        most: bytes.
    """

    def __init__(self, app: ASGIApp, most: int = MOST) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one connection."""
        if scope["type"] != "websocket":
            return await self._app(scope, receive, send)
        closed = False

        async def receive_within() -> Message:
            nonlocal closed
            message = await receive()
            if message["type"] != "websocket.receive" or _size(message) <= self._most:
                return message
            if not closed:
                closed = True
                await send({"type": "websocket.close", "code": TOO_BIG, "reason": "The message is too large."})
            return {"type": "websocket.disconnect", "code": TOO_BIG}

        async def send_while_open(message: Message) -> None:
            if not closed:
                await send(message)

        await self._app(scope, receive_within, send_while_open)


def _size(message: Message) -> int:
    return len(message.get("bytes") or b"") + len(message.get("text") or "")
