"""Who is at the page: by a provider's claims, by a proxy's header, or by nothing but what they typed."""

import pytest
import streamlit as st

from dashboard.auth import identity
from dashboard.auth.identity import STRANGER, Person, clean_name, from_claims, from_header, is_loopback
from dashboard.settings import Settings

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def auth(monkeypatch):
    """Puts a section [auth] into the secrets."""

    def put(**section):
        monkeypatch.setattr(identity, "auth_section", lambda: section)

    return put


def claims(**changes):
    return {"is_logged_in": True, "email": "Ada@Example.org", "email_verified": True, "name": "Ada", **changes}


def test_a_verified_address_is_the_name():
    assert from_claims(claims(), Settings()) == (Person("ada@example.org", signed_in=True), "")


@pytest.mark.parametrize("verified", [False, None, "false", 0, 1, "yes", [], {}])
def test_an_address_that_nobody_verified_is_nobody(verified):
    person, why = from_claims(claims(email_verified=verified), Settings(admins=("ada@example.org",)))
    assert person == STRANGER and "verified" in why


@pytest.mark.parametrize("logged_in", [False, None, "true", 1, "yes"])
def test_without_a_sign_in_claims_are_worth_nothing(logged_in):
    assert from_claims(claims(is_logged_in=logged_in), Settings()) == (STRANGER, "")
    assert from_claims({}, Settings()) == (STRANGER, "")


def test_another_claim_can_be_the_name():
    person, _ = from_claims(claims(email_verified=None, upn="Ada.L"), Settings(name_claim="upn"))
    assert person == Person("Ada.L", signed_in=True)


@pytest.mark.parametrize("name", [None, "", "  ", 7, "a\nb", "a\u202eb", "a\0b", "x" * 201, ["ada"]])
def test_a_name_that_cannot_be_used_is_nobody(name):
    for person, why in (
        from_claims(claims(email=name), Settings()),
        from_claims(claims(sub=name), Settings(name_claim="sub")),
        from_header(name, Settings()),
    ):
        assert person == STRANGER and why.startswith("Your sign-in says")


def test_administrators_are_named_in_the_settings():
    known = Settings(admins="Ada@example.org, grace")
    assert from_claims(claims(), known)[0].is_admin
    assert from_header("grace", known)[0].is_admin
    assert not from_header("Grace", known)[0].is_admin  # may be another account
    assert not from_header("ada@example.org, grace", known)[0].is_admin


@pytest.mark.parametrize(
    ("name", "is_in"),
    [
        ("ben@example.org", True),
        ("ben@sub.example.org", False),
        ("ben@example.org.evil.net", False),
        ("evil@x@example.org", False),
        ("example.org", False),
        ("cleo@elsewhere.net", True),
        ("dan@elsewhere.net", False),
        ("root@elsewhere.net", True),  # an administrator
    ],
)
def test_only_some_people_may_be_let_in(name, is_in):
    known = Settings(people="@Example.org, cleo@elsewhere.net", admins="root@elsewhere.net")
    person, why = from_claims(claims(email=name), known)
    assert person.signed_in == is_in
    assert is_in or "not among the people" in why


def test_a_header_is_taken_as_it_is():
    assert from_header("Ada Lovelace", Settings())[0].name == "Ada Lovelace"
    assert from_header("José".encode().decode("latin-1"), Settings())[0].name == "José"
    assert from_header("Jos\xe9", Settings())[0].name == "José"  # it was Latin-1 after all


def test_a_typed_name_is_made_fit_to_be_shown():
    assert clean_name("  Ada \n Lovelace\u202e\0 ") == "Ada Lovelace"
    assert len(clean_name("x" * 500)) == 80
    assert clean_name("\u200b") == ""


def test_who_may_change_what():
    ada, root = Person("ada", signed_in=True), Person("root", is_admin=True, signed_in=True)
    assert ada.may_change("ada") and not ada.may_change("ben") and not ada.may_change("")
    assert root.may_change("ada") and root.may_change("")
    assert not STRANGER.may_change("") and not STRANGER.may_change("ada")
    # Where nobody can prove a name, everybody may, and sees nobody's private runs.
    typed = Person("ada", is_admin=True)
    assert typed.may_change("ben") and typed.viewer == "" and ada.viewer == "ada"


def test_the_mode_follows_from_the_settings(option, auth):
    assert identity.mode() == "open"
    option(identity.HEADERS, {"X-Forwarded-User": "name"})
    assert identity.mode() == "proxy"
    auth(client_id="me", cookie_secret=SECRET)
    assert identity.mode() == "oidc"


@pytest.mark.parametrize(
    ("address", "expected"),
    [(None, False), ("", False), ("0.0.0.0", False), ("::", False), ("10.0.0.7", False), ("localhost.evil.net", False)]
    + [("localhost", True), ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("unix:///run/x.sock", True)],
)
def test_what_counts_as_this_machine_alone(address, expected):
    assert is_loopback(address) is expected


def test_a_header_is_not_believed_where_others_reach_the_port(option, monkeypatch):
    option(identity.HEADERS, {"X-Forwarded-User": "name"})
    option("server.address", "localhost")
    assert identity.problem() is None
    option("server.address", "0.0.0.0")
    assert "believes every caller" in identity.problem()
    monkeypatch.setenv("SMOOTHCAM_PROXY_ONLY", "true")
    st.cache_resource.clear()
    assert identity.problem() is None


def test_a_provider_and_a_header_exclude_each_other(option, auth):
    option(identity.HEADERS, {"X-Forwarded-User": "email"})
    auth(client_id="me", cookie_secret=SECRET)
    assert "exclude each other" in identity.problem()


@pytest.mark.parametrize("secret", ["xxx", "", SECRET[1:]])
def test_a_cookie_that_can_be_forged_is_refused(auth, secret):
    auth(client_id="me", cookie_secret=secret)
    assert "at least 32 characters" in identity.problem()


def test_providers_are_found_by_their_names(auth):
    auth(client_id="me", cookie_secret=SECRET)
    assert identity.providers() == ("",)
    auth(cookie_secret=SECRET, redirect_uri="x", google={"client_id": "a"}, lab={"client_id": "b"}, other={"x": 1})
    assert identity.providers() == ("google", "lab")
