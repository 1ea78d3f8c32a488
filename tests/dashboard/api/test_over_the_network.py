"""The API on a real server: the documented client, and bodies that are cut off or never end."""

import io
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette

from dashboard.api import body
from dashboard.api.application import mounted
from dashboard.uploads.files import held_by_visitor
from tests.dashboard.api.conftest import LIMITS
from tests.waiting import PATIENCE, wait_until

PAGE = Path(__file__).parents[3] / "docs" / "http-api.md"


@pytest.fixture
def port(room) -> Iterator[int]:
    """The port of a server on this machine."""
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[mounted(room)]), port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join(PATIENCE)


def test_the_client_of_the_documentation_asks_and_gets_a_map(
    port, program, chosen, without_model, tmp_path, monkeypatch
):
    (code,) = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.M | re.S)
    code = code.replace("http://localhost:8501", f"http://127.0.0.1:{port}").replace("smoothcam_...", program().text)
    (tmp_path / "photo.png").write_bytes(chosen.data)
    monkeypatch.chdir(tmp_path)
    told: dict = {}
    exec(compile(code, str(PAGE), "exec"), told)
    assert (told["run"]["state"], told["run"]["result"]["answer"]) == ("done", "right")
    assert Image.open(io.BytesIO((tmp_path / "map.png").read_bytes())).size == chosen.size
    assert told["run"]["result"]["request"]["num_samples"] == 10


def send(port: int, text: str, *pieces: bytes, headers: str = "") -> socket.socket:
    """Begins a question on a connection of its own."""
    raw = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
    head = (
        f"POST /api/v1/runs HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {text}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\n{headers}\r\n"
    )
    raw.sendall(head.encode())
    for piece in pieces:
        raw.sendall(piece)
    return raw


def test_a_body_that_is_cut_off_gives_its_room_back(port, program, room):
    text = program().text
    for _ in range(5):
        raw = send(port, text, b"--b\r\n" + b"x" * 1000, headers=f"Content-Length: {LIMITS.per_visitor // 2}\r\n")
        wait_until(lambda: room._on_their_way)
        raw.close()
        wait_until(lambda: not room._on_their_way, "The room of a body that was cut off was not given back.")


def test_a_body_that_does_not_go_on_is_given_up(port, program, room, monkeypatch):
    make = body.Arriving
    monkeypatch.setattr(body, "Arriving", lambda *given, **named: make(*given, **named, stalled=0.05))
    with closing(send(port, program().text, b"--b\r\n", headers="Content-Length: 1000\r\n")) as raw:
        assert b"408" in raw.recv(65_536).partition(b"\r\n")[0]
    assert not room._on_their_way


def test_a_body_that_never_ends_is_answered_before_it_does(port, program, room):
    text, piece = program().text, b"x" * 65_536
    chunk = f"{len(piece):x}\r\n".encode() + piece + b"\r\n"
    begin = b'--b\r\ncontent-disposition: form-data; name="picture"; filename="a.png"\r\n\r\n'
    first = f"{len(begin):x}\r\n".encode() + begin + b"\r\n"
    with closing(send(port, text, first, headers="Transfer-Encoding: chunked\r\n")) as raw:
        for _ in range(3 * LIMITS.per_visitor // len(piece)):
            raw.sendall(chunk)
        assert raw.recv(65_536).split()[1] in (b"413", b"429")  # although more is coming
        assert not room._on_their_way and not held_by_visitor()
