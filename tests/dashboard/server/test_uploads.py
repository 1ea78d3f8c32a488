"""Streamlit's own door for uploads behind the guard: who may bring files, and how many."""

import asyncio
import threading
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Router
from starlette.testclient import TestClient
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_routes import create_upload_routes

from dashboard.server import uploads
from dashboard.server.uploads import NOT_LET_IN, UploadGuard, held_files, upload_room
from dashboard.session import admitted
from dashboard.session.state import Session
from dashboard.uploads.room import LEAST, MB, Limits
from tests.loops import run

LIMITS = Limits(single=3 * MB, per_visitor=4 * MB, in_all=20 * MB)


class Runtime:
    """Stands for Streamlit's: these pages are connected."""

    def __init__(self) -> None:
        self.uploaded_file_mgr = MemoryUploadedFileManager("/upload")
        self.connected = {"page", "other", "stranger", "twin"}

    def is_active_session(self, page: str) -> bool:
        return page in self.connected


@pytest.fixture
def pages(monkeypatch) -> dict[str, Session]:
    """Three pages that were let in, two of them of the same person."""
    sessions = {"page": Session(visitor="person ada"), "twin": Session(visitor="person ada"), "other": Session()}
    sessions["other"].visitor = "page other"
    for name, session in sessions.items():
        monkeypatch.setitem(admitted._admitted, name, session)
    return sessions


@pytest.fixture
def server(monkeypatch, option) -> Runtime:
    option("server.enableXsrfProtection", False)
    made = Runtime()
    monkeypatch.setattr(runtime, "get_instance", lambda: made)
    return made


@pytest.fixture
def client(server, pages) -> Iterator[TestClient]:
    routes = create_upload_routes(server, server.uploaded_file_mgr, None)
    with TestClient(Starlette(routes=routes, middleware=[Middleware(UploadGuard, room=upload_room(LIMITS))])) as made:
        yield made


def put(client: TestClient, page: str, size: int, file: str = "f"):
    return client.put(f"/_stcore/upload_file/{page}/{file}", files={"file": ("a.png", b"x" * size)})


def chunked(size: int, pieces: int = 64) -> tuple[dict[str, str], Iterator[bytes]]:
    """A form as it comes where nobody says how long it is."""
    head = b'--b\r\ncontent-disposition: form-data; name="f"; filename="a.png"\r\n\r\n'
    body = (piece for piece in (head, *[b"x" * (size // pieces)] * pieces, b"\r\n--b--\r\n"))
    return {"content-type": "multipart/form-data; boundary=b"}, body


def test_a_page_that_was_let_in_uploads_and_removes(client, server):
    assert put(client, "page", MB).status_code == 204
    assert MB <= held_files()["page"] < MB + 100
    assert client.delete("/_stcore/upload_file/page/f").status_code == 204
    assert sum(held_files().values()) == 0


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST", "GET"])
def test_a_page_that_was_not_let_in_may_do_nothing(client, server, method):
    body = {"files": {"file": ("a.png", b"x")}} if method in ("PUT", "POST") else {}
    answer = client.request(method, "/_stcore/upload_file/stranger/f", **body)
    assert (answer.status_code, answer.text) == (403, NOT_LET_IN)
    assert held_files() == {}


def test_the_same_holds_below_a_base_path(server, pages):
    routes = create_upload_routes(server, server.uploaded_file_mgr, "maps")
    made = TestClient(Starlette(routes=routes, middleware=[Middleware(UploadGuard, room=upload_room(LIMITS))]))
    for page, status in (("stranger", 403), ("page", 204)):
        answer = made.put(f"/maps/_stcore/upload_file/{page}/f", files={"file": ("a.png", b"x")})
        assert answer.status_code == status


def test_whoever_is_turned_away_later_uploads_no_more(client, pages):
    assert put(client, "page", 10).status_code == 204
    admitted._admitted.pop("page")
    assert put(client, "page", 10).status_code == 403


def test_a_page_whose_session_is_gone_is_forgotten(client, pages):
    pages.pop("other")
    assert put(client, "other", 10).status_code == 403


def test_a_file_that_is_too_large_is_refused_whether_or_not_it_says_so(client, server, pages):
    assert put(client, "page", 5 * MB).status_code == 413
    headers, body = chunked(6 * MB)
    answer = client.put("/_stcore/upload_file/page/f", headers=headers, content=body)
    assert answer.status_code == 413 and "larger than 3 MB" in answer.text
    assert held_files() == {} and "larger than 3 MB" in pages["page"].upload_refusal


def test_what_one_visitor_holds_is_bounded_over_all_of_their_pages(client, server, pages):
    assert put(client, "page", 2 * MB).status_code == 204
    answer = put(client, "twin", 2 * MB)
    assert answer.status_code == 429 and answer.text == pages["twin"].upload_refusal
    assert "You may have 4 MB" in answer.text and pages["page"].upload_refusal is None
    assert put(client, "other", 2 * MB).status_code == 204  # somebody else
    server.uploaded_file_mgr.remove_file("page", "f")
    assert put(client, "twin", 2 * MB).status_code == 204


def test_without_a_length_the_bytes_that_come_are_counted(client, server):
    assert put(client, "page", 2 * MB).status_code == 204
    headers, body = chunked(3 * MB)
    answer = client.put("/_stcore/upload_file/page/g", headers=headers, content=body)
    assert answer.status_code == 429
    assert len(server.uploaded_file_mgr.file_storage["page"]) == 1


def test_many_tiny_files_take_room_too(client, server):
    statuses = [put(client, "page", 0, f"f{number}").status_code for number in range(4 * MB // LEAST + 2)]
    assert statuses[0] == 204 and statuses[-1] == 429
    assert sum(held_files().values()) <= LIMITS.per_visitor


def test_a_replaced_file_counts_once(client, server):
    for _ in range(6):
        assert put(client, "page", MB).status_code == 204
    assert held_files()["page"] < 2 * MB


def test_files_of_closed_pages_are_let_go_of_where_there_is_no_room(client, server):
    assert put(client, "page", 2 * MB).status_code == 204
    server.connected.remove("page")
    assert put(client, "twin", 2 * MB).status_code == 204
    assert "page" not in held_files()


def test_many_uploads_at_once_hold_no_more_than_is_allowed(client, server):
    answers = []
    threads = [
        threading.Thread(target=lambda n=number: answers.append(put(client, "page", MB, f"f{n}").status_code))
        for number in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {204, 429} and answers.count(204) >= 3
    assert sum(held_files().values()) <= LIMITS.per_visitor


def _scope(page: str) -> dict:
    return {
        **{"type": "http", "method": "PUT", "path": f"/_stcore/upload_file/{page}/f", "query_string": b""},
        "headers": [(b"content-type", b"multipart/form-data; boundary=b"), (b"content-length", b"2000000")],
    }


def _guard(server: Runtime, **options) -> UploadGuard:
    routes = create_upload_routes(server, server.uploaded_file_mgr, None)
    return UploadGuard(Router(routes), upload_room(LIMITS), **options)


@pytest.mark.parametrize("ending", ["aborted", "stalled"])
def test_an_upload_that_never_ends_gives_its_room_back(server, pages, ending):
    guard, said = _guard(server, stalled=0.01), []

    async def half_an_upload() -> None:
        pieces = iter([{"type": "http.request", "body": b"--b\r\n", "more_body": True}])

        async def receive():
            for piece in pieces:
                return piece
            if ending == "aborted":
                return {"type": "http.disconnect"}
            await asyncio.Event().wait()

        async def send(message):
            said.append(message)

        await guard(_scope("page"), receive, send)

    for _ in range(5):  # more than there is room for at once
        run(half_an_upload())
    assert held_files() == {} and not guard._room._on_their_way
    statuses = [message["status"] for message in said if message["type"] == "http.response.start"]
    assert statuses == ([] if ending == "aborted" else [408] * 5)


def test_files_of_a_page_that_stays_closed_are_let_go_of_and_of_one_that_comes_back_not(server, monkeypatch):
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

    monkeypatch.setattr(runtime, "exists", lambda: True)
    for page in ("page", "other", "twin"):
        server.uploaded_file_mgr.add_file(page, UploadedFileRec("f", "a.png", "image/png", b"x"))
    turns = iter([{"page", "other"}, {"page", "twin"}, {"page"}])

    async def sleep(_: float) -> None:
        closed = next(turns, None)
        if closed is None:
            raise asyncio.CancelledError
        server.connected = {"page", "other", "twin"} - closed

    monkeypatch.setattr(uploads.asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        run(uploads.let_go_now_and_then())
    assert set(held_files()) == {"other", "twin"}
