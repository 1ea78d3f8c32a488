"""Who is taken for a page of this very server."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from dashboard.server.origins import REFUSED, SameOrigin, is_own, is_this_machine


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8501", "localhost:8501"),
        ("http://LOCALHOST:8501", "localhost:8501"),
        ("http://127.0.0.1:8501", "127.0.0.1:8501"),
        ("http://[::1]:8501", "[::1]:8501"),
        ("http://maps.example.org", "maps.example.org"),
        ("http://maps.example.org", "maps.example.org:80"),
        ("https://maps.example.org", "maps.example.org"),
        ("https://maps.example.org", "maps.example.org:443"),
        ("https://maps.example.org:8443", "maps.example.org:8443"),
    ],
)
def test_a_page_of_the_very_host_and_port_is_own(origin, host):
    assert is_own(origin, host, secure=False)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:9999", "localhost:8501"),
        ("http://localhost", "localhost:8501"),
        ("http://127.0.0.1:8501", "localhost:8501"),
        ("https://evil.example", "maps.example.org"),
        ("https://maps.example.org.evil.example", "maps.example.org"),
        ("https://maps.example.org:8443", "maps.example.org"),
        ("https://maps.example.org@evil.example", "maps.example.org"),
        ("https://evil.example@maps.example.org", "maps.example.org"),
        ("https://maps.example.org/", "maps.example.org"),
        ("https://maps.example.org", "maps.example.org/"),
        ("https://maps.example.org", "evil@maps.example.org"),
        ("null", "localhost:8501"),
        ("", "localhost:8501"),
        ("file://", ""),
        ("ftp://localhost:8501", "localhost:8501"),
        ("http://localhost:x", "localhost:x"),
        ("http://[::1", "[::1"),
    ],
)
def test_any_other_is_not(origin, host):
    assert not is_own(origin, host, secure=False)


def test_where_the_request_came_by_tls_the_page_must_have_too():
    assert is_own("https://maps.example.org", "maps.example.org", secure=True)
    assert not is_own("http://maps.example.org", "maps.example.org", secure=True)


def client_of(**options):
    async def listen(socket):
        await socket.accept()
        await socket.send_text("hello")

    routes = [
        Route("/", lambda _: PlainTextResponse("done"), methods=["GET", "PUT", "POST", "DELETE"]),
        WebSocketRoute("/stream", listen),
    ]
    guard = Middleware(SameOrigin, **options)
    return TestClient(Starlette(routes=routes, middleware=[guard]), base_url="http://localhost:8501")


@pytest.fixture
def client():
    return client_of(public=["https://shown.example.org/"])


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_others_change_nothing_here(client, method):
    assert client.request(method, "/", headers={"Origin": "http://localhost:8501"}).text == "done"
    for origin in ("http://localhost:9999", "null", "https://shown.example.com"):
        answer = client.request(method, "/", headers={"Origin": origin})
        assert (answer.status_code, answer.text) == (403, REFUSED)


def test_reading_and_scripts_are_not_in_question(client):
    assert client.get("/", headers={"Origin": "https://evil.example"}).text == "done"
    assert client.put("/").text == "done"


def test_an_origin_that_the_operator_has_named_is_own(client):
    assert client.put("/", headers={"Origin": "https://shown.example.org"}).text == "done"
    assert client.put("/", headers={"Origin": "http://shown.example.org"}).status_code == 403


def test_two_origins_are_none(client):
    headers = [("Origin", "http://localhost:8501"), ("Origin", "http://localhost:9999")]
    assert client.put("/", headers=headers).status_code == 403


def test_a_web_socket_is_opened_for_own_pages_alone(client):
    with client.websocket_connect("ws://localhost:8501/stream", headers={"Origin": "http://localhost:8501"}) as socket:
        assert socket.receive_text() == "hello"
    for origin in ("http://localhost:9999", "null"):
        with pytest.raises(WebSocketDisconnect) as refused:
            client.websocket_connect("ws://localhost:8501/stream", headers={"Origin": origin}).__enter__()
        assert refused.value.code == 1008


REBOUND = {"Origin": "http://evil.example:8501", "Host": "evil.example:8501"}


def test_a_strangers_name_that_leads_to_this_machine_is_no_page_of_ours():
    client = client_of(local=True)
    assert client.put("/", headers=REBOUND).status_code == 403
    with pytest.raises(WebSocketDisconnect) as refused:
        client.websocket_connect("ws://evil.example:8501/stream", headers=REBOUND).__enter__()
    assert refused.value.code == 1008
    for name in ("localhost:8501", "127.0.0.1:8501", "[::1]:8501", "maps.localhost:8501"):
        assert client.put("/", headers={"Origin": f"http://{name}", "Host": name}).text == "done"


def test_a_proxy_may_show_a_server_of_this_machine_under_any_name():
    headers = {"Origin": "https://maps.example.org", "Host": "maps.example.org", "X-Forwarded-For": "192.0.2.7"}
    assert client_of(local=True).put("/", headers=headers).text == "done"
    headers.pop("X-Forwarded-For")
    assert client_of(local=True, public=["https://maps.example.org"]).put("/", headers=headers).text == "done"
    assert client_of(local=True).put("/", headers=headers).status_code == 403


@pytest.mark.parametrize("name", ["localhost", "maps.localhost", "127.0.0.1", "127.1.2.3", "::1"])
def test_these_lead_to_this_machine(name):
    assert is_this_machine(name)


@pytest.mark.parametrize("name", [None, "", "0.0.0.0", "localhost.evil.example", "192.168.0.1", "maps", "::"])
def test_and_these_may_lead_elsewhere(name):
    assert not is_this_machine(name)
