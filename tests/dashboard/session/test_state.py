"""What somebody is doing at a page, and whether the page is there."""

from types import SimpleNamespace

from streamlit import runtime

from dashboard.batch.feeder import BATCH_PREFIX
from dashboard.session import state


def test_a_batch_is_always_there_and_a_page_while_it_is_connected(monkeypatch):
    assert state.is_present("any page")  # without a server there is nobody who could have left
    server = SimpleNamespace(is_active_session=lambda page: page == "open page")
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: server)
    assert state.is_present("open page") and not state.is_present("closed page")
    assert state.is_present(f"{BATCH_PREFIX}0123")


def test_a_sentence_is_shown_once(monkeypatch):
    current = state.Session(notice="It was queued.", refusal="It cannot be asked.")
    monkeypatch.setattr(state, "session", lambda: current)
    assert (state.take_notice(), state.take_notice()) == ("It was queued.", None)
    assert (state.take_refusal(), state.take_refusal()) == ("It cannot be asked.", None)


def test_the_first_picture_is_the_chosen_one(pictures):
    assert state.Session().chosen is None
    assert state.Session(pictures=pictures).chosen is pictures[0]


def test_outside_of_a_page_there_is_no_page():
    assert state.page_id() == "nobody"
