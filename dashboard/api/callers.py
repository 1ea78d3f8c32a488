"""Who calls: the owner of the access token in the header `Authorization: Bearer ...`. Cookies are not looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.datastructures import Headers

from dashboard import resources
from dashboard.api.refusals import SOON, Refused, again_in
from dashboard.auth import access_tokens, identity
from dashboard.auth.identity import Person
from dashboard.language import ENGLISH, speaking
from dashboard.session import state
from dashboard.session.state import Session

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="smooth-gradcam"'}
NO_TOKEN = (
    "Send an access token in the header Authorization, as in: Authorization: Bearer smoothcam_... "
    "People make them on the page API of the dashboard."
)
NO_GOOD = "This access token is no good: it was withdrawn, has ended, or was never made here. Make another one."


@dataclass(frozen=True)
class Caller:
    """A program that asks, and the person for whom it does.

    Attributes:
        token: name of its access token.
        person: whose runs and limits are theirs.
    """

    token: str
    person: Person

    @property
    def visitor(self) -> str:
        """Whose quota its uploads are counted in: with the pages of whoever is signed in, else the token's own."""
        return f"person {self.person.name}" if self.person.signed_in else f"program {self.token}"

    @contextmanager
    def asking(self) -> Iterator[Session]:
        """Within it the services take whoever asks for this person; what a page would be told goes into a session."""
        waiter = f"{resources.PROGRAM_PREFIX}{self.token}"
        with identity.acting_as(self.person), state.without_page(waiter) as session, speaking(ENGLISH):
            yield session


def caller_of(headers: Headers) -> Caller:
    """Who calls. May wait for the disk.

    Raises:
        Refused: nobody who is known, or nobody can be let in now.
        StoreError: the tokens cannot be read.
    """
    with speaking(ENGLISH):
        if (problem := identity.problem()) is not None:
            raise Refused(503, problem)
        token, person, why_not = access_tokens.whose(_token_in(headers))
    if token is None:
        raise Refused(401, NO_GOOD, _CHALLENGE)
    if why_not:
        raise Refused(403, why_not)
    if resources.migrating():
        raise Refused(
            503, "The history is being brought up to this version of the program. Ask again soon.", again_in(SOON)
        )
    return Caller(token.name, person)


def _token_in(headers: Headers) -> str:
    given = headers.getlist("authorization")
    scheme, _, text = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise Refused(401, NO_TOKEN, _CHALLENGE)
    return text.strip()
