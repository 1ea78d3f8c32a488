"""A real server's doors: its own pages get in, those of any other host or port do not. No browser is needed."""

from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from dashboard.server.origins import REFUSED
from dashboard.server.uploads import NOT_LET_IN
from tests.browser.serving import free_port, server
from tests.waiting import PATIENCE


@pytest.fixture(scope="module")
def address(tmp_path_factory) -> Iterator[str]:
    """A server as docs/operation.md says, with localhost among its hosts."""
    hosts = ["--server.allowedHosts=maps.example.org", "--server.allowedHosts=localhost"]
    with server(tmp_path_factory.mktemp("doors"), until="health", options=hosts) as running:
        yield running


def opens(address: str, **headers: str) -> bool:
    """Whether the pages' web socket opens to somebody with these headers."""
    stream = f"{address.replace('http', 'ws')}/_stcore/stream"
    with suppress(InvalidStatus):
        # The headers are the test's alone.
        with connect(stream, subprotocols=["streamlit"], additional_headers=headers, proxy=None) as socket:
            return socket.ping().wait(PATIENCE)
    return False


def upload(address: str, **headers: str) -> str:
    """What the server answers to an upload for a page that is not there."""
    return httpx.put(f"{address}/_stcore/upload_file/session/file", content=b"x", headers=headers).text


def test_a_page_of_the_server_gets_in(address):
    assert opens(address, Origin=address)
    assert upload(address, Origin=address) not in ("", REFUSED)  # its own answer: there is no such page


def test_pages_of_others_do_not(address):
    port = address.rpartition(":")[2]
    others = [
        f"http://localhost:{free_port()}",
        "http://localhost",
        f"http://127.0.0.1:{port}",  # another name of the same server is another site to a browser
        f"https://localhost:{free_port()}",
        "https://evil.example",
        "null",
    ]
    assert [origin for origin in others if opens(address, Origin=origin)] == []
    assert {origin: upload(address, Origin=origin) for origin in others} == dict.fromkeys(others, REFUSED)


def test_a_script_without_an_origin_is_let_in_no_further_than_its_page_is(address):
    assert opens(address)
    assert upload(address) == NOT_LET_IN
