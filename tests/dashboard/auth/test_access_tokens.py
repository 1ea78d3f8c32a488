"""Who may make and withdraw access tokens, and for whom one speaks."""

from dataclasses import replace

import pytest
import streamlit as st

from core import InputError
from dashboard import resources
from dashboard.auth import access_tokens, identity
from dashboard.auth.identity import STRANGER, Person
from dashboard.session import state
from tests.dashboard.people import ADA, BEN, ROOT, actions


@pytest.fixture(autouse=True)
def switched_on(monkeypatch, administrators) -> None:
    monkeypatch.setenv("SMOOTHCAM_API", "true")


@pytest.fixture
def signed_in(option) -> None:
    option(identity.HEADERS, {"X-User": "name"})


def made_by(person: Person) -> str:
    with identity.acting_as(person):
        return access_tokens.make("a script", 30)


def test_whoever_is_signed_in_has_their_own_and_an_administrator_sees_everybodys(signed_in, storage):
    ada, ben, root = (Person(name, name == ROOT, signed_in=True) for name in (ADA, BEN, ROOT))
    text = made_by(ada)
    made_by(ben)
    token, person, why_not = access_tokens.whose(text)
    assert (person, why_not, token.person) == (ada, "", ADA)
    with identity.acting_as(ada):
        assert [each.person for each in access_tokens.listed()] == [ADA]
    with identity.acting_as(root):
        assert {each.person for each in access_tokens.listed()} == {ADA, BEN}
    with identity.acting_as(ben), pytest.raises(InputError, match="somebody else's"):
        access_tokens.withdraw(token)
    assert access_tokens.whose(text)[0]
    with identity.acting_as(root):
        assert access_tokens.withdraw(token) and not access_tokens.withdraw(token)
    assert access_tokens.whose(text) == (None, STRANGER, "")
    expected = [("make-access-token", ADA), ("make-access-token", BEN), ("withdraw-access-token", ROOT)]
    assert actions(storage) == expected
    assert text.split("_", 2)[2] not in resources.audit().path.read_text("ascii")


def test_an_administrators_token_is_one_for_as_long_as_they_are(signed_in, monkeypatch):
    text = made_by(Person(ROOT, True, True))
    assert access_tokens.whose(text)[1].is_admin
    monkeypatch.setenv("SMOOTHCAM_ADMINS", BEN)
    st.cache_resource.clear()
    assert access_tokens.whose(text)[1] == Person(ROOT, False, True)


def test_where_nobody_signs_in_tokens_are_everybodys(storage):
    text = made_by(Person("Ada", is_admin=True))
    token, person, _ = access_tokens.whose(text)
    assert person == Person("Ada", is_admin=True) and person.viewer == ""
    with identity.acting_as(Person("Ben", is_admin=True)):
        assert access_tokens.listed() == [replace(token, used=access_tokens.listed()[0].used)]
        assert access_tokens.withdraw(token)


def test_where_there_is_no_api_and_to_a_stranger_none_is_given(monkeypatch):
    with identity.acting_as(STRANGER), pytest.raises(InputError, match="cannot be made here"):
        access_tokens.make("x", 30)
    with identity.acting_as(Person("Ada", is_admin=True)):
        with pytest.raises(InputError, match="7, 30, 90 or 365"):
            access_tokens.make("x", 10_000)
        monkeypatch.setenv("SMOOTHCAM_API", "false")
        st.cache_resource.clear()
        with pytest.raises(InputError, match="cannot be made here"):
            access_tokens.make("x", 30)


def test_somebody_who_has_no_page_has_a_session_and_a_waiter_of_their_own():
    with state.without_page("program:a") as outer:
        state.session().notice = "said"
        with state.without_page("program:b"):
            assert (state.page_id(), state.take_notice()) == ("program:b", None)
        assert (state.page_id(), outer.notice, state.session()) == ("program:a", "said", outer)
    assert state.page_id() == "nobody"


def test_a_program_waits_until_its_token_is_withdrawn():
    text = made_by(Person("Ada", is_admin=True))
    token = access_tokens.whose(text)[0]
    waiter = f"{resources.PROGRAM_PREFIX}{token.name}"
    assert resources.is_waiting(waiter)
    resources.access_tokens().withdraw(token.name)
    assert not resources.is_waiting(waiter)
