"""How much a browser may send to a page at once."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.server.messages import TOO_BIG, MessageGuard


@pytest.fixture
def heard() -> list[bytes | int]:
    return []


@pytest.fixture
def client(heard) -> TestClient:
    """A server that answers with how much it has heard."""

    async def listen(socket) -> None:
        await socket.accept()
        try:
            while True:
                heard.append(await socket.receive_bytes())
                await socket.send_text(str(len(heard[-1])))
        except WebSocketDisconnect as ended:
            heard.append(ended.code)

    doors = [Middleware(MessageGuard, most=1000)]
    return TestClient(Starlette(routes=[WebSocketRoute("/stream", listen)], middleware=doors))


def test_what_is_no_larger_than_allowed_is_passed_on(client, heard):
    with client.websocket_connect("/stream") as socket:
        for size in (0, 1, 1000):
            socket.send_bytes(bytes(size))
            assert socket.receive_text() == str(size)
    assert [len(each) for each in heard[:3]] == [0, 1, 1000]


@pytest.mark.parametrize("send", [lambda socket: socket.send_bytes(bytes(1001)), lambda s: s.send_text("x" * 1001)])
def test_a_larger_one_ends_the_connection_and_is_not_heard(client, heard, send):
    with client.websocket_connect("/stream") as socket:
        send(socket)
        with pytest.raises(WebSocketDisconnect) as ended:
            socket.receive_text()
    assert ended.value.code == TOO_BIG and heard == [TOO_BIG]
