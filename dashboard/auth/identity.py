"""Who is at the page, and what they may do.

- With `[auth]` in Streamlit's secrets, people sign in with a provider (OpenID Connect).
- With `server.trustedUserHeaders`, a proxy that has signed them in says who they are.
- Else the server is open: a name can be typed, proves nothing, and everybody may do what everybody else may.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from dashboard.language import _
from dashboard.resources import settings
from dashboard.session import keys, state
from dashboard.settings import Settings

Mode = Literal["oidc", "proxy", "open"]

LONGEST_NAME = 80
LONGEST_PROVEN_NAME = 200
SHORTEST_SECRET = 32
EMAIL = "email"

HEADERS = "server.trustedUserHeaders"


@dataclass(frozen=True)
class Person:
    """Who is at the page.

    Attributes:
        name: as runs and the audit log have it; "" for nobody in particular.
        is_admin: whether they may do to everybody's runs what those may do themselves.
        signed_in: whether the name is proven.
    """

    name: str = ""
    is_admin: bool = False
    signed_in: bool = False

    @property
    def viewer(self) -> str:
        """Whose private runs they see: their own, if they can prove who they are."""
        return self.name if self.signed_in else ""

    def may_change(self, owner: str) -> bool:
        """Whether they may delete, or make private or public, a run of `owner`."""
        return self.is_admin or (self.signed_in and self.name == owner)


STRANGER = Person()
"""Somebody who has to sign in first, and may do nothing until then."""

_acting: ContextVar[Person | None] = ContextVar("acting", default=None)


def mode() -> Mode:
    """How people are told apart on this server."""
    if auth_section():
        return "oidc"
    return "proxy" if st.get_option(HEADERS) else "open"


def person() -> Person:
    """Who is at this page, or asks without one."""
    return recognise()[0]


@contextmanager
def acting_as(one: Person) -> Iterator[None]:
    """Within it somebody asks who has no page open, and who has proven otherwise who they are."""
    token = _acting.set(one)
    try:
        yield
    finally:
        _acting.reset(token)


def recognise() -> tuple[Person, str]:
    """Who is at this page, and, of a stranger who has tried, why they were not let in: a sentence."""
    if (acting := _acting.get()) is not None:
        return acting, ""
    how = mode()
    if how == "oidc":
        return from_claims(st.user.to_dict(), settings())
    if how == "proxy":
        return from_header(st.user.to_dict().get(next(iter(st.get_option(HEADERS).values()))), settings())
    return Person(state.session().name or "", is_admin=True), ""


def viewer() -> str:
    """Whose private runs this page shows: one's own, or those that an administrator has asked for in History."""
    one = person()
    if _acting.get() is not None:
        return one.viewer
    chosen = st.session_state.get(keys.HistoryKey.PRIVATE_OF) if one.is_admin and one.signed_in else None
    return chosen or one.viewer


def from_claims(claims: Mapping[str, Any], known: Settings) -> tuple[Person, str]:
    """Whoever a provider's signed claims are about; an e-mail address counts only if the provider has verified it."""
    if claims.get("is_logged_in") is not True:
        return STRANGER, ""
    value = claims.get(known.name_claim)
    if known.name_claim == EMAIL:
        verified = claims.get("email_verified")
        if verified is not True and verified != "true":  # some services write it as text
            return STRANGER, _("Your sign-in service does not say that your e-mail address is verified.")
        value = value.lower() if isinstance(value, str) else None
        return _proven(value, _lower(known.people), _lower(known.admins))
    return _proven(value, known.people, known.admins)


def from_header(value: Any, known: Settings) -> tuple[Person, str]:
    """Whoever a proxy's header names; exactly as it names them, since "ada" and "Ada" may be two accounts."""
    if isinstance(value, str):
        try:
            value = value.encode("latin-1").decode("utf-8")  # a header is bytes, which the server reads as Latin-1
        except UnicodeError:
            pass
    return _proven(value, known.people, known.admins)


def still_admitted(name: str) -> tuple[Person, str]:
    """Whoever has proven that name when they signed in, as the settings have it now; and why they are not let in.

    Where nobody signs in, the name is one that was typed.
    """
    how, known = mode(), settings()
    if how == "open":
        return Person(name, is_admin=True), ""
    if how == "oidc" and known.name_claim == EMAIL:
        return _proven(name, _lower(known.people), _lower(known.admins))
    return _proven(name, known.people, known.admins)


def clean_name(text: str) -> str:
    """A typed name on one line, short, without characters that cannot be seen."""
    seen = "".join(character for character in " ".join(text.split()) if unicodedata.category(character)[0] != "C")
    return seen[:LONGEST_NAME].strip()


def problem() -> str | None:
    """Why nobody can be let in, for whoever set the server up; None where all is well."""
    auth, headers = auth_section(), st.get_option(HEADERS)
    if auth and headers:
        # Streamlit lets a header overwrite what the provider said.
        return _("[auth] in the secrets and {option} exclude each other: take one of them away.", option=HEADERS)
    if auth and len(str(auth.get("cookie_secret", ""))) < SHORTEST_SECRET:
        return _(
            "cookie_secret in [auth] of the secrets needs at least {count} characters: whoever guesses it is whoever "
            'they like. Make one with: python3 -c "import secrets; print(secrets.token_hex(32))"',
            count=SHORTEST_SECRET,
        )
    if headers and not (settings().proxy_only or is_loopback(st.get_option("server.address"))):
        return _(
            "{option} believes every caller, and other machines can reach this port. Set server.address to localhost "
            "or, where a firewall lets nobody but the proxy through, SMOOTHCAM_PROXY_ONLY to true.",
            option=HEADERS,
        )
    return None


def is_loopback(address: str | None) -> bool:
    """Whether only this machine can reach a server that listens there; None is every address."""
    local = address or ""
    return local in ("localhost", "::1") or local.startswith(("127.", "unix:"))


def auth_section() -> Mapping[str, Any]:
    """`[auth]` of Streamlit's secrets; empty where there is none."""
    if not st.secrets.load_if_toml_exists() or "auth" not in st.secrets:
        return {}
    return st.secrets["auth"]


def providers() -> tuple[str, ...]:
    """The sign-in services to choose from; "" is the only one, without a name."""
    auth = auth_section()
    if "client_id" in auth:
        return ("",)
    return tuple(name for name, section in auth.items() if isinstance(section, Mapping) and "client_id" in section)


def _proven(value: Any, known: tuple[str, ...], admins: tuple[str, ...]) -> tuple[Person, str]:
    if not isinstance(value, str) or not value.strip():
        return STRANGER, _("Your sign-in says no name by which this server could know you.")
    name = value.strip()
    if len(name) > LONGEST_PROVEN_NAME or any(unicodedata.category(character)[0] == "C" for character in name):
        return STRANGER, _("Your sign-in says a name that this server cannot use.")
    if known and name not in admins and not any(name == each or _is_domain_of(each, name) for each in known):
        return STRANGER, _("You are signed in, but not among the people of this server.")
    return Person(name, name in admins, signed_in=True), ""


def _is_domain_of(entry: str, name: str) -> bool:
    return entry.startswith("@") and name.endswith(entry) and name.count("@") == 1


def _lower(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.lower() for name in names)
