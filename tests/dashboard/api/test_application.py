"""The door of the API: who comes in, what everybody is told, and what is said where something goes wrong."""

import itertools
import logging
from dataclasses import replace

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.testclient import TestClient

from dashboard import resources
from dashboard.api import application, operations, pace
from dashboard.api.application import AT, Api, mounted
from dashboard.api.callers import NO_GOOD, NO_TOKEN
from dashboard.api.operations import OPERATIONS
from dashboard.api.pace import BURST, PER_SECOND, Pace
from dashboard.api.refusals import Refused
from dashboard.server.app import app_parts
from dashboard.settings import Settings
from tests.dashboard.people import ADA, BEN
from tests.some import some

RUN = "0123456789abcdef"


def test_nobody_does_anything_without_a_token(client):
    for operation in some(OPERATIONS):
        answer = client.request(operation.method, AT + operation.path.format(name=RUN))
        assert (answer.status_code, answer.json()) == (401, {"error": NO_TOKEN})
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_comes_as_a_bearer(client, program):
    one = program()
    for scheme in ("", "Basic ", "Token ", "Bearer", "bearer-"):
        answer = client.get(f"{AT}/runs", headers={"Authorization": f"{scheme}{one.text}"})
        assert (answer.status_code, answer.json()["error"]) == (401, NO_TOKEN)
    assert client.get(f"{AT}/runs", headers={"Authorization": f"bEARER  {one.text} "}).status_code == 200


def test_no_other_way_in_is_looked_at(client, program, signed_in):
    text = program(ADA).text
    for headers in (
        {"Cookie": f"Authorization=Bearer {text}; token={text}"},
        {"X-User": ADA},
        {"X-Authorization": f"Bearer {text}"},
    ):
        assert client.get(f"{AT}/runs", headers=headers).status_code == 401
    assert client.get(f"{AT}/runs?access_token={text}").status_code == 401
    twice = [("Authorization", f"Bearer {text}"), ("Authorization", f"Bearer {text}")]
    assert client.get(f"{AT}/runs", headers=twice).status_code == 401


def test_a_withdrawn_token_is_no_good_from_then_on(program):
    one = program()
    assert one("GET", "/runs").status_code == 200
    resources.access_tokens().withdraw(one.name)
    answer = one("GET", "/runs")
    assert (answer.status_code, answer.json()["error"]) == (401, NO_GOOD)


def test_a_token_that_was_made_where_nobody_signs_in_is_no_good_where_people_do(program, option):
    one = program(ADA)
    assert one("GET", "/runs").status_code == 200
    option("server.trustedUserHeaders", {"X-User": "name"})
    assert one("GET", "/runs").status_code == 401


def test_whoever_is_no_longer_among_the_people_is_out(program, signed_in, monkeypatch):
    one, other = program(ADA), program(BEN)
    monkeypatch.setenv("SMOOTHCAM_PEOPLE", BEN)
    st.cache_resource.clear()
    answer = one("GET", "/runs")
    assert answer.status_code == 403 and "not among the people" in answer.json()["error"]
    assert other("GET", "/runs").status_code == 200


def test_where_nobody_can_be_let_in_no_program_is(program, signed_in, option):
    one = program(ADA)
    option("server.address", "0.0.0.0")
    answer = one("GET", "/runs")
    assert answer.status_code == 503 and "believes every caller" in answer.json()["error"]


def test_what_can_be_asked_is_told_to_everybody(client):
    answer = client.get(f"{AT}/openapi.json")
    assert answer.status_code == 200 and answer.json()["openapi"].startswith("3.1")
    assert answer.headers["cache-control"] == "no-store"


NAMES = (
    *("..", "../..", "%2e%2e", "%2e%2e%2fruns.sqlite", "0" * 15, "0" * 17, RUN.upper(), f"{RUN}-words", "%00", "*"),
    *("~", "a" * 5000, "%ff%fe", "🙂", f"{RUN}/", f"{RUN}%2f", f"{RUN};x", "x/../../../etc/passwd"),
)


def test_a_name_that_is_none_leads_nowhere(program, monkeypatch):
    monkeypatch.setattr(pace, "BURST", 1_000)
    one, ends = program(), (("GET", ""), ("GET", "/result.npz"), ("GET", "/overlay.png"), ("DELETE", ""))
    for name, (method, end) in some(itertools.product(NAMES, ends)):
        answer = one.client.request(method, f"{AT}/runs/{name}{end}", headers={"Authorization": f"Bearer {one.text}"})
        assert answer.status_code in (404, 405), name
        if answer.url.path.startswith(f"{AT}/"):  # else the client itself has gone elsewhere
            assert set(answer.json()) == {"error"}


def test_other_addresses_and_methods_are_refused_in_json(program):
    one = program()
    assert "openapi.json lists" in one("GET", "/metrics-of-others").json()["error"]
    answer = one("PUT", "/runs")
    assert answer.status_code == 405 and answer.headers["allow"]
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"}
    assert one("OPTIONS", "/runs", headers=preflight).status_code == 405
    assert one("GET", "/runs/").status_code == 404


def test_an_error_that_nobody_expected_is_a_sentence_with_a_number(program, monkeypatch, caplog):
    def broken(call):
        raise ZeroDivisionError("secret words of a prompt")

    changed = tuple(replace(each, work=broken) if each.name == "listRuns" else each for each in OPERATIONS)
    monkeypatch.setattr(application, "OPERATIONS", changed)
    one = program()
    with TestClient(Starlette(routes=[mounted(None)]), raise_server_exceptions=False) as made:
        one.client = made
        caplog.set_level(logging.ERROR)
        answer = one("GET", "/runs")
    assert answer.status_code == 500 and "secret" not in answer.text
    number = answer.json()["error"].split()[-1].rstrip(".")
    assert any(number in record.getMessage() and record.exc_info for record in caplog.records)


def test_a_burst_is_let_through_and_then_so_many_a_second():
    now = [0.0]
    one = Pace(lambda: now[0])
    for _ in range(BURST):
        one.take("ada's")
    with pytest.raises(Refused) as refused:
        one.take("ada's")
    assert refused.value.status == 429 and int(refused.value.headers["Retry-After"]) >= 1
    one.take("ben's")
    now[0] += 1.0
    for _ in range(int(PER_SECOND)):
        one.take("ada's")
    with pytest.raises(Refused):
        one.take("ada's")


def test_too_many_requests_are_told_when_to_come_again(program, monkeypatch):
    monkeypatch.setattr(pace, "BURST", 2)
    monkeypatch.setattr(pace, "PER_SECOND", 0.001)
    one = program()
    statuses = [one("GET", "/runs").status_code for _ in range(3)]
    assert statuses == [200, 200, 429]


def test_it_is_there_where_it_was_switched_on_alone(monkeypatch):
    assert any(getattr(route, "path", "") == AT for route in app_parts()["routes"])
    monkeypatch.delenv("SMOOTHCAM_API")
    assert not Settings().api
    assert not any(getattr(route, "path", "").startswith("/api") for route in app_parts()["routes"])


def test_it_lies_below_the_base_path(program, room):
    one = program()
    with TestClient(Starlette(routes=[mounted(room, "/maps/")])) as made:
        headers = {"Authorization": f"Bearer {one.text}"}
        assert made.get(f"/maps{AT}/runs", headers=headers).json()["total"] == 0
        assert made.get(f"/maps{AT}/openapi.json").json()["servers"] == [{"url": f"/maps{AT}"}]
        assert made.get(f"{AT}/runs", headers=headers).status_code == 404


def test_a_connection_that_is_no_request_is_closed(room):
    with TestClient(Starlette(routes=[mounted(room)])) as made:
        with pytest.raises(Exception), made.websocket_connect(f"{AT}/runs"):  # noqa: B017
            pass
    assert len(Api(room)._router.routes) == len(operations.OPERATIONS) + 1
