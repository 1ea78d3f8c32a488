"""What there is once in this process."""

from dataclasses import replace

import pytest

from core import ModelError
from dashboard import resources
from dashboard.session import state


def test_each_is_made_once():
    assert resources.storage() is resources.storage()
    assert resources.jobs() is resources.jobs()
    assert resources.settings().choices == ("embedded",)


def test_a_run_is_gone_on_with_by_the_model_that_answered_it(ask, card):
    request = ask().request
    assert resources.card_of(request).fingerprint == card.fingerprint
    with pytest.raises(ModelError, match="not offered by this server now"):
        resources.card_of(replace(request, model="0" * 64))


def test_a_person_always_waits_and_a_page_while_it_is_open(monkeypatch):
    monkeypatch.setattr(state, "is_present", lambda waiter: waiter == "open page")
    waiters = ("person:ada@example.org", "open page", "closed page")
    assert [resources.is_waiting(waiter) for waiter in waiters] == [True, True, False]
