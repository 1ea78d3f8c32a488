"""The way to the sign-in service and back: to pages of this program, and nowhere else."""

from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from dashboard.server.sign_in_return import COOKIE, PAGES, SECONDS, SignInReturn, own_address

HOST = "http://maps.example"


def client(base: str = "", status: int = 302) -> TestClient:
    """A stand-in for Streamlit's own routes, which lead to a service and back to the root."""
    root = f"/{base}/" if base else "/"

    def leave(_):
        return RedirectResponse("https://service.example/authorize", status) if status == 302 else Response("", status)

    routes = [
        Route(f"{root}auth/login", leave),
        Route(f"{root}oauth2callback", lambda _: RedirectResponse(root, 302)),
        Route(f"{root}compute", lambda _: RedirectResponse("/elsewhere", 302)),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(SignInReturn, base=base)])
    return TestClient(app, base_url=HOST, follow_redirects=False)


def test_every_page_of_the_program_is_known():
    scripts = {path.stem for path in (Path(__file__).parents[3] / "dashboard" / "app_pages").glob("[!_]*.py")}
    assert set(PAGES) == {"", *scripts - {"home"}}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (f"{HOST}/compute?run=0123456789abcdef", "compute?run=0123456789abcdef"),
        (f"{HOST}/compare?runs=a,b&at=3&show=Depth", "compare?runs=a%2Cb&at=3&show=Depth"),
        (f"{HOST}/history?search=gr%C3%B6%C3%9Fe+1", "history?search=gr%C3%B6%C3%9Fe+1"),
        (f"{HOST}/batch/?batch=x#part", "batch?batch=x"),
        (f"{HOST}/compute?next=https://evil.example&run=a", "compute?run=a"),
        (f"{HOST}/compute?run=%0d%0aSet-Cookie:x", "compute?run=%0D%0ASet-Cookie%3Ax"),
        (f"{HOST}/compute?run={'x' * 9000}", "compute"),
        (f"{HOST}/", ""),
        (f"{HOST}/auth/logout", ""),
        (f"{HOST}//evil.example/compute", ""),
        (f"{HOST}/..//evil.example", ""),
        ("https://[evil", ""),
        ("javascript:alert(1)", ""),
        (f"{HOST}/compute?{'run=a&' * 200}", ""),
        ("", ""),
    ],
)
def test_what_is_an_address_of_this_program(address, expected):
    assert own_address(address) == expected


@pytest.mark.parametrize("base", ["", "maps"])
def test_there_and_back(base):
    root = f"/{base}/" if base else "/"
    browser = client(base)
    left = browser.get(f"{root}auth/login?provider=x", headers={"Referer": f"{HOST}{root}compute?run=a&layer=3"})
    assert left.headers["location"] == "https://service.example/authorize"
    (cookie,) = SimpleCookie(left.headers["set-cookie"]).values()
    assert cookie["path"] == root and cookie["httponly"] and cookie["samesite"] == "Lax"
    assert cookie["max-age"] == str(SECONDS)
    back = browser.get(f"{root}oauth2callback?code=x&state=y")
    assert back.headers["location"] == f"{root}compute?run=a&layer=3"
    assert COOKIE not in browser.cookies
    assert browser.get(f"{root}oauth2callback").headers["location"] == root  # as after signing out


@pytest.mark.parametrize("referer", [None, "https://evil.example/compute?run=a", f"{HOST}/elsewhere", "https://[evil"])
def test_whoever_comes_from_elsewhere_is_led_to_the_first_page(referer):
    browser = client()
    browser.get("/auth/login", headers={} if referer is None else {"Referer": referer})
    assert COOKIE not in browser.cookies
    assert browser.get("/oauth2callback").headers["location"] == "/"


@pytest.mark.parametrize("planted", ["//evil.example", "https://evil.example", "%2F%2Fevil.example/compute", "\\evil"])
def test_a_planted_cookie_leads_nowhere_else(planted):
    answer = client().get("/oauth2callback", headers={"Cookie": f"{COOKIE}={planted}"})
    assert answer.headers["location"] == "/"


def test_other_answers_are_left_alone():
    answer = client(status=400).get("/auth/login", headers={"Referer": f"{HOST}/compute"})
    assert answer.status_code == 400 and "set-cookie" not in answer.headers
    assert client().get("/compute").headers["location"] == "/elsewhere"
