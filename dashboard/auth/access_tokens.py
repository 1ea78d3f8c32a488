"""Who may make and withdraw access tokens, and for whom one speaks.

Somebody who is signed in has their own, and administrators may withdraw everybody's. Where nobody signs in, everybody
at a page may do everything, and so with tokens: they are everybody's.
"""

from collections.abc import Sequence

from core import ExplainError, InputError
from dashboard import resources
from dashboard.auth import identity
from dashboard.auth.identity import STRANGER, Person
from dashboard.language import _
from dashboard.storage.access_tokens import AccessToken

DAY = 24 * 3600.0
DAYS = (7, 30, 90, 365)
"""For how long a token can be good."""


def offered() -> bool:
    """Whether this server has an API."""
    try:
        return resources.settings().api
    except ExplainError:  # every page says so
        return False


def listed() -> Sequence[AccessToken]:
    """The tokens that whoever is at the page may withdraw, the latest first.

    Raises:
        StoreError: they cannot be read.
    """
    person = identity.person()
    return resources.access_tokens().listed(identity.mode(), None if person.is_admin else person.name)


def make(label: str, days: int) -> str:
    """The text of a new token for whoever is at the page; nothing gives it a second time.

    Raises:
        InputError: it cannot be made; the sentence says why.
        StoreError: it cannot be written down.
    """
    person = identity.person()
    if not offered() or person == STRANGER:
        raise InputError(_("Access tokens cannot be made here."))
    if days not in DAYS:
        raise InputError(_("An access token is good for 7, 30, 90 or 365 days."))
    token, text = resources.access_tokens().make(person.name, identity.mode(), label, days * DAY)
    resources.audit().write("make-access-token", person.name, token=token.name, days=days)
    return text


def withdraw(token: AccessToken) -> bool:
    """Makes a token useless from now on; returns whether it was there.

    Raises:
        InputError: it is somebody else's.
        StoreError: it cannot be written.
    """
    person = identity.person()
    if not person.is_admin and not (person.signed_in and person.name == token.person):
        raise InputError(_("This access token is somebody else's. Only they or an administrator can withdraw it."))
    was_there = resources.access_tokens().withdraw(token.name)
    if was_there:
        resources.audit().write("withdraw-access-token", person.name, token=token.name, owners=[token.person])
    return was_there


def whose(text: str) -> tuple[AccessToken | None, Person, str]:
    """The token of that text and for whom it speaks now; of one that is good, and whose owner is not let in, why.

    Returns:
        None and `STRANGER` where the token is no good.

    Raises:
        StoreError: the tokens cannot be read.
    """
    token = resources.access_tokens().find(text, identity.mode())
    if token is None:
        return None, STRANGER, ""
    return token, *identity.still_admitted(token.person)
