"""Who may read the numbers, and what every answer carries."""

from ipaddress import ip_network

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.server import app as serving
from dashboard.server.middleware import HEADERS, MetricsGuard, SecurityHeaders
from dashboard.settings import Settings

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


def ask(path: str, address: str | None, headers: dict[str, str] | None = None, networks=LOOPBACK):
    numbers = [Route(at, lambda _: PlainTextResponse("numbers")) for at in ("/metrics", "/_stcore/metrics", "/page")]
    doors = [Middleware(SecurityHeaders), Middleware(MetricsGuard, networks=networks)]
    client = None if address is None else (address, 1234)
    return TestClient(Starlette(routes=numbers, middleware=doors), client=client).get(path, headers=headers)


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics"])
@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_read_the_numbers(path, address):
    assert ask(path, address).text == "numbers"


@pytest.mark.parametrize("path", ["/metrics", "/_stcore/metrics"])
@pytest.mark.parametrize("address", ["10.0.0.5", "::ffff:10.0.0.5", "2001:db8::1", "testclient", None])
def test_others_are_told_that_there_are_none(path, address):
    assert ask(path, address).status_code == 404


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "Via"])
def test_nobody_reads_them_through_a_proxy(name):
    assert ask("/metrics", "127.0.0.1", {name: "127.0.0.1"}).status_code == 404


def test_a_network_of_the_settings_may():
    assert ask("/metrics", "10.1.2.3", networks=[ip_network("10.0.0.0/8")]).text == "numbers"


@pytest.mark.parametrize(("path", "status"), [("/page", 200), ("/nowhere", 404), ("/metrics", 404)])
def test_every_answer_carries_the_headers(path, status):
    answer = ask(path, "10.0.0.5")
    assert answer.status_code == status
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_networks_are_read_from_the_settings(monkeypatch):
    assert list(Settings().metrics_from) == LOOPBACK
    monkeypatch.setenv("SMOOTHCAM_METRICS_FROM", "10.0.0.0/8, 192.168.1.7")
    assert list(Settings().metrics_from) == [ip_network("10.0.0.0/8"), ip_network("192.168.1.7/32")]


def test_settings_that_cannot_be_used_end_the_server_with_a_sentence(monkeypatch):
    monkeypatch.setenv("SMOOTHCAM_METRICS_FROM", "the office")
    with pytest.raises(SystemExit, match="SMOOTHCAM_METRICS_FROM"):
        serving.app_parts()
