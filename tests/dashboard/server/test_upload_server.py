"""Uploads to a real server: by people who were let in and by others, too many, cut off, and given back."""

import json
import socket
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from dashboard.server.messages import MOST, TOO_BIG
from dashboard.server.uploads import NOT_LET_IN
from dashboard.storage.access_tokens import AccessTokens
from dashboard.storage.data_folder import tokens_file
from dashboard.uploads.room import MB
from tests.browser.serving import server
from tests.visitors import Visitor
from tests.waiting import PATIENCE, wait_until

SETTINGS = {
    "WORKERS": "0",
    "MAX_UPLOAD_MB": "3",
    "UPLOAD_MB_PER_VISITOR": "4",
    "UPLOAD_MB_IN_ALL": "20",
    "METRICS_FROM": "127.0.0.1",
    "API": "true",
}
XSRF = "_streamlit_xsrf"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the server lies."""
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def address(folder) -> Iterator[str]:
    """A server behind a proxy that names people in a header."""
    header = "--server.trustedUserHeaders=" + json.dumps({"X-User": "name"})
    with server(folder, options=[header], settings=SETTINGS) as running:
        yield running.replace("localhost", "127.0.0.1")


@pytest.fixture
def client(address) -> Iterator[httpx.Client]:
    """A browser, as far as the door for uploads can tell."""
    with httpx.Client(base_url=address, timeout=PATIENCE) as made:
        made.get("/_stcore/health")
        made.headers["X-Xsrftoken"] = made.cookies[XSRF]
        yield made


def visitor(address: str, name: str | None, page: str = "compute") -> Visitor:
    made = Visitor(address, headers={"X-User": name} if name else {})
    made.open(page)
    return made


def put(client: httpx.Client, page: Visitor, size: int, file: str = "f") -> httpx.Response:
    return client.put(f"/_stcore/upload_file/{page.session}/{file}", files={"file": ("a.png", b"x" * size)})


def held(address: str) -> int:
    """Bytes of uploaded files that the server holds, by its own count."""
    with urllib.request.urlopen(f"{address}/_stcore/metrics", timeout=PATIENCE) as answer:
        lines = answer.read().decode().splitlines()
    return sum(
        int(line.split()[-1]) for line in lines if "cache_memory_bytes" in line and "UploadedFileManager" in line
    )


def test_nobody_who_is_not_signed_in_stores_anything(address, client):
    stranger = visitor(address, None)
    for _ in range(3):
        answer = put(client, stranger, MB)
        assert (answer.status_code, answer.text) == (403, NOT_LET_IN)
    assert held(address) == 0
    stranger.close()


def test_a_page_that_was_let_in_is_asked_for_its_token_as_ever(address, client):
    ada = visitor(address, "ada")
    del client.headers["X-Xsrftoken"]
    answer = put(client, ada, 1000)
    assert answer.status_code == 403 and "XSRF" in answer.text
    ada.close()


def test_what_a_visitor_holds_is_bounded_said_and_given_back(address, client):
    ada, ben = visitor(address, "ada"), visitor(address, "ben")
    assert put(client, ada, 3 * MB).status_code == 204
    refused = put(client, ada, 3 * MB, "g")
    assert refused.status_code == 429 and "You may have 4 MB" in refused.text
    assert any("You may have 4 MB" in problem for problem in ada.look().problems)
    assert not any("You may have" in problem for problem in ada.look().problems)  # once
    assert put(client, ben, 3 * MB).status_code == 204
    wait_until(lambda: held(address) == 6 * MB, "Two files were not held.", pause=0.5)

    def cut_off() -> None:
        where = urlsplit(address)
        with socket.create_connection((where.hostname, where.port)) as raw:
            head = (
                f"PUT /_stcore/upload_file/{ben.session}/g HTTP/1.1\r\nHost: {where.netloc}\r\n"
                f"X-Xsrftoken: {client.cookies[XSRF]}\r\nCookie: {XSRF}={client.cookies[XSRF]}\r\n"
                f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {MB - 1000}\r\n\r\n"
            )
            raw.sendall(head.encode() + b"x" * 200_000)

    for _ in range(5):
        cut_off()
    # What was cut off takes no room any more, as soon as the server has noticed.
    wait_until(lambda: put(client, ben, MB - 10_000, "g").status_code == 204, "The room was not given back.")
    # A page that closes gives back what it held, to its own visitor at once.
    ada.close()
    again = visitor(address, "ada")
    wait_until(lambda: put(client, again, 3 * MB).status_code == 204, "The closed page kept its room.")
    for each in (again, ben):
        assert client.delete(f"/_stcore/upload_file/{each.session}/f").status_code == 204
        each.close()


def test_programs_and_pages_of_one_person_share_their_room(address, client, folder):
    tokens = AccessTokens(tokens_file(folder / "data"))
    headers = {"Authorization": f"Bearer {tokens.make('fay', 'proxy', 'a script', 1e6)[1]}"}
    tokens.close()
    fay = visitor(address, "fay")
    ask = {"files": {"picture": ("a.png", b"x" * (2 * MB))}, "data": {"prompt": "What?"}, "headers": headers}
    refused = client.post("/api/v1/runs", **ask)
    assert refused.status_code == 422 and "not a picture" in refused.json()["error"]
    assert put(client, fay, 3 * MB).status_code == 204
    refused = client.post("/api/v1/runs", **ask)
    assert refused.status_code == 429 and "You may have 4 MB" in refused.json()["error"]
    assert client.get("/api/v1/runs").status_code == 401
    fay.close()


def test_nobody_stores_anything_in_a_message(address):
    stranger = visitor(address, None)
    with pytest.raises(ConnectionClosed) as ended:
        stranger.open("compute", run="x" * (MOST + 1))
    assert ended.value.rcvd.code == TOO_BIG
    assert visitor(address, "ada").open("compute").page == "compute"


def test_a_body_without_a_length_is_counted_as_it_comes(address, client):
    cy = visitor(address, "cy")
    headers = {"content-type": "multipart/form-data; boundary=b"}
    head = b'--b\r\ncontent-disposition: form-data; name="f"; filename="a.png"\r\n\r\n'

    def body() -> Iterator[bytes]:
        yield head
        for _ in range(64):
            yield b"x" * MB

    try:
        answer = client.put(f"/_stcore/upload_file/{cy.session}/f", headers=headers, content=body())
    except httpx.TransportError:  # it hung up while more was being sent
        pass
    else:
        assert answer.status_code == 413
    assert put(client, cy, 3 * MB).status_code == 204
    cy.close()
