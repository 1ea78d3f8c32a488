"""The dashboard behind a real nginx with the configuration of docs/deploy, in a real Chromium."""

import http.server
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.proxying import HOST, NAME, PASSWORD, Proxy, proxy
from tests.browser.serving import server
from tests.browser.test_dashboard import answer, ask, scene_file, set_samples, shorten_answers, upload
from tests.browser.waiting import open_context, settled
from tests.waiting import PATIENCE

pytestmark = pytest.mark.browser

SIGN_IN = httpx.BasicAuth(NAME, PASSWORD)
WHO = """
import streamlit as st
st.write("You are", st.user.get("name"), "and sent", sorted(name for name in st.context.headers if "user" in name))
"""


@pytest.fixture(scope="module")
def proxied(tmp_path_factory) -> Iterator[Proxy]:
    """nginx before a dashboard that answers to that host only."""
    folder = tmp_path_factory.mktemp("proxied")
    hosts = [f"--server.allowedHosts={HOST}", "--server.allowedHosts=localhost"]
    at_once = {"WORKERS": "0"}  # a health check would start them, and wait
    with (
        server(folder, options=hosts, settings=at_once) as address,
        proxy(folder, urlsplit(address).netloc, most="1m") as running,
    ):
        yield running


@pytest.fixture
def sign_in(chromium) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody who knows the password: `sign_in(address)`; more arguments are further headers."""
    contexts = []

    def open_page(address: str, headers: dict[str, str] | None = None) -> Page:
        context = open_context(
            chromium,
            ignore_https_errors=True,
            http_credentials={"username": NAME, "password": PASSWORD},
            extra_http_headers=headers or {},
            viewport={"width": 1280, "height": 800},
        )
        contexts.append(context)
        page = context.new_page()
        page.refused = []
        page.on("console", lambda line: "Content Security Policy" in line.text and page.refused.append(line.text))
        page.goto(address)
        return page

    yield open_page
    for context in contexts:
        context.close()


def request(proxied: Proxy, path: str, method: str = "GET", *, host: str = HOST, **options) -> httpx.Response:
    """What nginx answers over TLS to somebody who believes its certificate."""
    context = ssl.create_default_context(cafile=str(proxied.certificate))
    with httpx.Client(verify=context, timeout=PATIENCE) as client:
        headers = {"Host": host, **options.pop("headers", {})}
        url = f"https://127.0.0.1:{proxied.tls}{path}"
        return client.request(method, url, headers=headers, extensions={"sni_hostname": HOST}, **options)


def test_a_picture_goes_up_and_its_map_comes_back(proxied, sign_in):
    page = sign_in(f"{proxied.address}/compute")
    expect(page.get_by_test_id("stFileUploader")).to_be_visible()
    upload(page, scene_file(7))
    settled(page)
    shorten_answers(page, 4)
    set_samples(page, 2)
    ask(page, "Where is the red circle?")
    assert answer(page).strip()
    expect(page.get_by_role("tab", name="Depth")).to_be_visible()
    for tab in page.get_by_role("tab").all():
        tab.click()
        settled(page)
    run = page.url.split("run=")[1].split("&")[0]
    for path in ("/", f"/compare?runs={run}", "/history"):
        page.goto(proxied.address + path)
        settled(page)
        for tab in page.get_by_role("tab").all():
            tab.click()
            settled(page)
        assert page.get_by_test_id("stException").count() == 0
    assert page.refused == [], "the content policy is too strict for these pages"


def test_without_the_password_there_is_nothing_but_the_health(proxied):
    assert request(proxied, "/").status_code == 401
    assert request(proxied, "/_stcore/host-config").status_code == 401
    health = request(proxied, "/health")
    assert health.status_code == 200 and health.json()["status"] == "ok"


def test_plain_http_is_sent_to_tls(proxied):
    answer = httpx.get(f"http://127.0.0.1:{proxied.plain}/compute?run=1", headers={"Host": HOST})
    assert (answer.status_code, answer.headers["location"]) == (301, f"https://{HOST}/compute?run=1")


def test_another_host_is_not_answered(proxied):
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"http://127.0.0.1:{proxied.plain}/", headers={"Host": "evil.example.com"})
    with pytest.raises(httpx.ConnectError):  # the handshake, where there is no such name
        httpx.get(f"https://localhost:{proxied.tls}/", verify=False)
    # The right name in the handshake, the wrong one in the request.
    with pytest.raises(httpx.RemoteProtocolError):
        request(proxied, "/", host="evil.example.com", auth=SIGN_IN)


@pytest.mark.parametrize("path", ["/", "/_stcore/host-config", "/health", "/compute"])
def test_answers_carry_the_headers(proxied, path):
    headers = request(proxied, path, auth=SIGN_IN).headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'self'"
    assert policy["connect-src"] == "'self' data: blob:"
    assert "unsafe" not in policy["script-src"]
    assert policy["object-src"] == "'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["strict-transport-security"].startswith("max-age=")
    for name in ("content-security-policy", "x-content-type-options", "strict-transport-security"):
        assert len(headers.get_list(name)) == 1, f"{name} was sent twice"


def test_too_large_an_upload_is_refused_with_a_sentence(proxied):
    path = "/_stcore/upload_file/session/file"
    refused = request(proxied, path, "PUT", content=b"\0" * (2**20 + 1), auth=SIGN_IN)
    assert refused.status_code == 413
    assert "too large" in refused.text and "200 MB" in refused.text and "nginx" not in refused.text
    taken = request(proxied, path, "PUT", content=b"\0" * 2**19, auth=SIGN_IN)
    assert taken.status_code in (400, 403)  # passed on; the dashboard knows no such session


@pytest.mark.parametrize(
    "path", ["/metrics", "/_stcore/metrics", "//metrics", "/_stcore//metrics", "/%6detrics", "/metrics/"]
)
def test_the_numbers_are_not_reachable(proxied, path):
    answer = request(proxied, path, auth=SIGN_IN)
    assert "TYPE" not in answer.text and "sessions" not in answer.text
    assert answer.status_code == 404 or "<html" in answer.text.lower()  # or the page, at an address that is none


def test_a_web_socket_opens(proxied):
    context = ssl.create_default_context(cafile=str(proxied.certificate))

    def open_socket(**headers: str):
        return connect(
            f"wss://{HOST}:{proxied.tls}/_stcore/stream",
            sock=socket.create_connection(("127.0.0.1", proxied.tls)),
            ssl=context,
            subprotocols=["streamlit"],
            additional_headers=headers,
            proxy=None,
        )

    sign_in = httpx.Request("GET", proxied.address)
    authorization = next(SIGN_IN.sync_auth_flow(sign_in)).headers["authorization"]
    with open_socket(Authorization=authorization) as stream:
        assert stream.ping().wait(PATIENCE)
    with pytest.raises(InvalidStatus) as refused, open_socket():
        pass
    assert refused.value.response.status_code == 401
    with pytest.raises(InvalidStatus) as refused, open_socket(Authorization=authorization, Origin="https://evil.com"):
        pass
    assert refused.value.response.status_code == 403


def test_a_forged_user_goes_no_further(tmp_path, sign_in):
    script = tmp_path / "who.py"
    script.write_text(WHO)
    trusted = '--server.trustedUserHeaders={"X-Forwarded-User": "name"}'
    with server(tmp_path, script, options=[trusted]) as address, proxy(tmp_path, urlsplit(address).netloc) as running:
        page = sign_in(running.address, {"X-Forwarded-User": "administrator", "X_Forwarded_User": "administrator"})
        expect(page.get_by_text(f"You are {NAME}")).to_be_visible()
        assert "administrator" not in page.content()


@pytest.mark.parametrize("path", ["/", "/health"])
def test_what_is_passed_on(tmp_path, path):
    with listener() as (address, heard), proxy(tmp_path, address) as running:
        forged = {"X-Forwarded-User": "administrator", "X-Forwarded-For": "10.0.0.1", "X_Forwarded_User": "root"}
        assert request(running, path, auth=SIGN_IN, headers=forged).status_code == 200
    (headers,) = heard
    assert headers.get_all("X-Forwarded-For") == ["127.0.0.1"]
    assert headers.get_all("X-Forwarded-User") == ([NAME] if path == "/" else None)
    assert headers["Host"] == HOST
    assert "root" not in str(headers) and "administrator" not in str(headers)
    assert "Authorization" not in headers, "the password is passed on"


@contextmanager
def listener() -> Iterator[tuple[str, list]]:
    """A server that notes the headers that reach it."""
    heard = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the standard library's name
            heard.append(self.headers)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{running.server_address[1]}", heard
        running.shutdown()
