"""The API as a part of the web server: finds what is asked for, lets the caller in, and answers in JSON."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, Router
from starlette.types import Message, Receive, Scope, Send

from dashboard.api.body import read_body
from dashboard.api.callers import caller_of
from dashboard.api.openapi import PATH, document
from dashboard.api.operations import OPERATIONS, Operation
from dashboard.api.pace import Pace
from dashboard.api.refusals import answer_of, checked, refusal_of
from dashboard.api.runs import Call
from dashboard.uploads.room import UploadRoom

logger = logging.getLogger(__name__)

AT = "/api/v1"
WORKING = 4
"""Threads in which programs' requests are done: pictures are decoded and drawn there, and pages need theirs."""
LOOKING = 4
"""Threads in which access tokens are looked at: none waits for a picture."""

Endpoint = Callable[[Request], Awaitable[Response]]


def mounted(room: UploadRoom, base: str = "") -> Mount:
    """The API at its address.

    Args:
        room: of all uploads to this server.
        base: `server.baseUrlPath`.
    """
    root = f"/{base.strip('/')}" if base.strip("/") else ""
    return Mount(f"{root}{AT}", app=Api(room))


class Api:
    """Everything below `AT`. Whatever happens, the answer is JSON and holds a sentence.

    Args:
        room: of all uploads to this server.
    """

    def __init__(self, room: UploadRoom) -> None:
        self._room, self._pace = room, Pace()
        self._limiters: tuple[CapacityLimiter, CapacityLimiter] | None = None  # they belong to an event loop
        self._router = Router(
            [
                Route(PATH, self._document, methods=["GET"]),
                *(Route(each.path, partial(self._answer, each), methods=[each.method]) for each in OPERATIONS),
            ],
            redirect_slashes=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http":
            return await send({"type": "websocket.close", "code": 1000})
        begun = False

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = True
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"cache-control", b"no-store")]
            await send(message)

        try:
            await self._router(scope, receive, answer)
        except ClientDisconnect:
            pass  # nobody is there to be answered
        except Exception as error:
            refused = refusal_of(error)
            if begun:
                raise
            await answer_of(refused)(scope, receive, answer)

    async def _document(self, request: Request) -> Response:
        return JSONResponse(document(request.scope["root_path"]))

    async def _answer(self, operation: Operation, request: Request) -> Response:
        if self._limiters is None:
            self._limiters = CapacityLimiter(LOOKING), CapacityLimiter(WORKING)
        looking, working = self._limiters
        caller = await to_thread.run_sync(caller_of, request.headers, limiter=looking)
        self._pace.take(caller.token)
        query = None if operation.query is None else checked(operation.query, dict(request.query_params))
        body = await read_body(request, self._room, caller.visitor) if operation.asks else None
        call = Call(caller, request.scope["root_path"], request.path_params.get("name", ""), query, body)

        def work() -> Response:
            with caller.asking():
                return operation.work(call)

        try:
            return await to_thread.run_sync(work, limiter=working)
        except Exception:
            for given in body.files if body is not None else ():
                given.file.let_go()
            raise
