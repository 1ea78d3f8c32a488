"""What stands before every page: signing in, and, at the top right, who is there and signing out or a typed name."""

from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from core import ExplainError
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import literal, short, visible
from dashboard.language import _, sentence
from dashboard.session import admitted, clicks, state

_HERE = Path(__file__)
_NAME_KEY = "kept-name"
_TYPED_KEY = "typed-name"

# Keeps a typed name in the browser: Python can set no cookie, and the address is for sharing.
_component = st.components.v2.component(
    "smooth_gradcam_name", js=_HERE.with_name("typed_name.js").read_text("utf-8"), html="<span></span>"
)


def admit(draw_choices: Callable[[], None]) -> bool:
    """Draws who is there, or the way in; returns whether the page may be drawn.

    Args:
        draw_choices: draws what else people choose for themselves: into the menu of the person, or below the way in.
    """
    try:
        problem = identity.problem()
        person, why_not = identity.recognise()
    except ExplainError as error:  # settings that cannot be read
        problem, person, why_not = str(error), identity.STRANGER, ""
    if problem:
        admitted.turn_away()
        st.error(literal(sentence(problem)))
        return False
    if not person.signed_in and identity.mode() != "open":
        admitted.turn_away()
        _way_in(why_not)
        draw_choices()
        return False
    admitted.let_in(person.name if person.signed_in else "")
    _note_coming(person)
    st.html(_HERE.with_suffix(".css"))
    with st.container(key="person", width="content"):
        _signed_in(person, draw_choices) if person.signed_in else _open(person, draw_choices)
    return True


def _way_in(why_not: str) -> None:
    st.header(_("Sign in"), anchor=False)
    if identity.mode() == "proxy":
        st.error(_("{why} Ask whoever runs this server to let you in.", why=why_not))
        return
    if why_not:
        st.error(_("{why} Ask whoever runs this server to let you in, or sign in with another account.", why=why_not))
        st.button(_("Sign out"), key="sign-out", icon=":material/logout:", on_click=st.logout)
        return
    st.text(_("This server shows its runs to people who are signed in."))
    for name in identity.providers():
        label = _("Sign in with {service}", service=literal(name)) if name else _("Sign in")
        st.button(label, key=f"sign-in-{name}", type="primary", icon=":material/login:", on_click=_go, args=(name,))


@clicks.whole
def _go(provider: str) -> None:
    st.login(provider) if provider else st.login()


def _note_coming(person: identity.Person) -> None:
    """One line in the audit log for each page that somebody opens, or opens again after a while."""
    current = state.session()
    # Streamlit's check of the script is no page that somebody has open.
    if person.signed_in and current.audited != person.name and state.is_present(state.page_id()):
        current.audited = person.name
        resources.audit().write("sign-in", person.name, by=identity.mode(), admin=person.is_admin)


def _signed_in(person: identity.Person, draw_choices: Callable[[], None]) -> None:
    with st.popover(literal(short(person.name, 28)), icon=":material/person:", key="person-menu"):
        st.text(visible(person.name))
        st.caption(_("Administrator") if person.is_admin else _("Signed in"))
        if identity.mode() == "oidc":
            st.button(_("Sign out"), key="sign-out", icon=":material/logout:", on_click=_leave, args=(person,))
        draw_choices()


@clicks.whole
def _leave(person: identity.Person) -> None:
    resources.audit().write("sign-out", person.name)
    admitted.turn_away()
    st.logout()


def _open(person: identity.Person, draw_choices: Callable[[], None]) -> None:
    _remember(state.session().name)
    with st.popover(literal(short(person.name, 28)) or _("Your name"), icon=":material/person:", key="person-menu"):
        # Named after its content, so that a name that the browser brings later takes its place.
        key = "-".join((_TYPED_KEY, person.name))
        st.text_input(
            _("Your name"),
            person.name,
            max_chars=identity.LONGEST_NAME,
            key=key,
            on_change=_typed,
            args=(key,),
            placeholder=_("Nobody in particular"),
            help=_(
                "Stands beside the runs that you ask for, so that the team can find them. It is kept in this browser. "
                "It proves nothing: everybody here may do the same."
            ),
        )
        draw_choices()


def _remember(name: str | None) -> None:
    _component(key=_NAME_KEY, data={"name": name}, on_kept_change=_brought, height=1)


@clicks.whole
def _brought() -> None:
    """The browser has said what it keeps, if anything; what was typed since is newer."""
    current, told = state.session(), st.session_state[_NAME_KEY]
    stored = told.get("kept") if isinstance(told, Mapping) else None
    if current.name is None and isinstance(stored, str):
        current.name = identity.clean_name(stored)


@clicks.whole
def _typed(key: str) -> None:
    state.session().name = identity.clean_name(st.session_state[key])
