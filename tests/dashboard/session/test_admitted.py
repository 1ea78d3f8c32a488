"""Which open pages have been let in."""

import gc

import pytest

from dashboard.session import admitted, state
from dashboard.session.state import Session

PAGE = "test session id"
"""Of every page that is opened without a server."""


@pytest.fixture(autouse=True)
def nobody():
    admitted._admitted.clear()
    yield
    admitted._admitted.clear()


def test_an_open_page_counts_for_itself(visit):
    app = visit("home")
    assert admitted.visitor_of(PAGE) == f"page {PAGE}" and admitted.visitor_of("another") is None
    del app


def test_somebody_who_is_signed_in_counts_once_however_many_pages_they_open(visit_as):
    app = visit_as("ada")
    assert admitted.visitor_of(PAGE) == "person ada"
    app.user = {"name": None}
    app.run()
    assert admitted.visitor_of(PAGE) is None  # turned away, although the page is open


def test_somebody_who_is_not_signed_in_is_not_let_in(visit_as):
    visit_as(None)
    assert admitted.visitor_of(PAGE) is None


def test_settings_that_cannot_be_used_let_nobody_in(visit, monkeypatch):
    app = visit("home")
    monkeypatch.setattr("dashboard.auth.identity.problem", lambda: "Something is set wrongly.")
    app.run()
    assert admitted.visitor_of(PAGE) is None


def test_a_page_is_forgotten_with_what_it_held(monkeypatch):
    sessions = [Session()]
    monkeypatch.setattr(admitted, "session", lambda: sessions[0])
    monkeypatch.setattr(admitted, "page_id", lambda: "closing")
    admitted.let_in("ada")
    admitted.tell("closing", "No room.")
    assert sessions[0].upload_refusal == "No room."
    sessions.clear()
    gc.collect()
    assert admitted.visitor_of("closing") is None
    admitted.tell("closing", "No room.")  # nobody hears


def test_two_pages_are_told_apart(monkeypatch):
    pages = {"a": Session(), "b": Session()}
    for name, session in pages.items():
        monkeypatch.setattr(admitted, "session", lambda session=session: session)
        monkeypatch.setattr(admitted, "page_id", lambda name=name: name)
        admitted.let_in()
    admitted.turn_away()
    assert (admitted.visitor_of("a"), admitted.visitor_of("b")) == ("page a", None)
    assert state.Session().visitor == ""
