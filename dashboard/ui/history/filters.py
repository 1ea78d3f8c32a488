"""The widgets that choose which runs History lists, all of them in the address, so that a view can be shared."""

from datetime import UTC, date, datetime, timedelta

import streamlit as st

from cache import Filter, Order
from cache.runs.annotations import MOST_STARS
from cache.runs.overview import Choices
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import method_title, stars, visible
from dashboard.language import N_, _
from dashboard.session import clicks
from dashboard.session.keys import HistoryKey
from dashboard.ui.widgets import choose_by_title, number_in_address

SORTS = {
    "pinned": N_("Pinned, then latest"),
    "created": N_("When"),
    "updated": N_("Last run"),
    "picture": N_("Picture"),
    "title": N_("Title"),
    "prompt": N_("Prompt"),
    "answer": N_("Answer"),
    "model": N_("Model"),
    "method": N_("Method"),
    "samples": N_("Samples"),
    "duration": N_("Time taken"),
    "rating": N_("Rating"),
    "stored": N_("Stored size"),
    "tags": N_("Tags"),
    "who": N_("Who"),
}
ANY = ""
HEAT = {ANY: N_("Any"), "stored": N_("Stored"), "evicted": N_("Evicted")}
ORIGINS = {ANY: N_("Any"), "computed": N_("Computed here"), "imported": N_("Imported")}
_CHOICES = (
    *(HistoryKey.MODEL, HistoryKey.METHOD, HistoryKey.TAG, HistoryKey.WHO),
    *(HistoryKey.HEAT, HistoryKey.ORIGIN, HistoryKey.PRIVATE_OF),
)
_TEXTS = (HistoryKey.SEARCH, HistoryKey.PICTURE)
_SWITCHES = (HistoryKey.PINNED, HistoryKey.PRIVATE, HistoryKey.TRASH)
_OPEN = (
    HistoryKey.SINCE,
    HistoryKey.UNTIL,
    HistoryKey.LEAST_SAMPLES,
    HistoryKey.MOST_SAMPLES,
    HistoryKey.LEAST_SECONDS,
    HistoryKey.MOST_SECONDS,
    HistoryKey.LEAST_SIZE,
    HistoryKey.MOST_SIZE,
)


_MOST = 1e9
"""Samples, seconds and megabytes that can be asked for. An address can name any number, infinity among them."""


def filter_bar(choices: Choices) -> tuple[Filter, Order]:
    """Search, order and filters; returns what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="history-filters"):
        search = st.text_input(
            _("Search prompts, answers, notes and titles"),
            key=HistoryKey.SEARCH,
            bind="query-params",
            icon=":material/search:",
            placeholder=_("Any words, any language: red circle, 左上角"),
        )
        by = choose_by_title(
            _("Sort by"),
            _titles(SORTS),
            HistoryKey.SORT,
            bind="query-params",
            width=190,
            help=_("All runs, not this page alone; a click on a column's head sorts the page."),
        )
        upward = st.toggle(
            _("Upward"), key=HistoryKey.UPWARD, bind="query-params", help=_("From the smallest, earliest or A")
        )
        label = _("Filters ({count})", count=active()) if active() else _("Filters")
        with st.popover(label, key="more-filters", icon=":material/filter_alt:", width=160):
            wanted = _filters(choices, search)
    # Upward, pinned runs would come last, which nobody means.
    return wanted, Order(by, not upward or by == "pinned")


def active() -> int:
    """How many filters are set, the search not counted."""
    names = (*_CHOICES, HistoryKey.PICTURE, HistoryKey.RATING, *_SWITCHES, *_OPEN)
    # A widget takes its value from the address only when it is drawn, after the button that says how many there are.
    values = (st.session_state.get(name, st.query_params.get(name)) for name in names)
    return sum(value not in (None, ANY, 0, False) for value in values)


@clicks.whole
def clear() -> None:
    """Takes every filter and the search away."""
    for name in (*_TEXTS, *_CHOICES):
        st.session_state[name] = ANY
    for name in _SWITCHES:
        st.session_state[name] = False
    for name in _OPEN:
        st.session_state[name] = None
    st.session_state[HistoryKey.RATING] = 0


def _filters(choices: Choices, search: str) -> Filter:
    left, right = st.columns(2)
    with left:
        model = _choice(_("Model"), HistoryKey.MODEL, choices.models)
        tag = _choice(_("Tag"), HistoryKey.TAG, choices.tags)
        rating = choose_by_title(_("Rating"), _ratings(), HistoryKey.RATING, bind="query-params")
        since = st.date_input(_("First run since (UTC)"), None, key=HistoryKey.SINCE, bind="query-params")
        least_samples = _number(_("Samples from"), HistoryKey.LEAST_SAMPLES)
        least_seconds = _number(_("Seconds from"), HistoryKey.LEAST_SECONDS)
        least_size = _size(_("Stored MB from"), HistoryKey.LEAST_SIZE)
    with right:
        method = _choice(_("Method"), HistoryKey.METHOD, choices.methods, titles=True)
        asker = _choice(_("Who"), HistoryKey.WHO, choices.who)
        picture = st.text_input(_("Picture's name"), key=HistoryKey.PICTURE, bind="query-params")
        until = st.date_input(_("First run until (UTC)"), None, key=HistoryKey.UNTIL, bind="query-params")
        most_samples = _number(_("Samples to"), HistoryKey.MOST_SAMPLES)
        most_seconds = _number(_("Seconds to"), HistoryKey.MOST_SECONDS)
        most_size = _size(_("Stored MB to"), HistoryKey.MOST_SIZE)
    heat = choose_by_title(
        _("Heat"),
        _titles(HEAT),
        HistoryKey.HEAT,
        bind="query-params",
        help=_("Evicted: dropped by the size limit, by age or by cleaning up. It can be computed again."),
    )
    origin = choose_by_title(_("Origin"), _titles(ORIGINS), HistoryKey.ORIGIN, bind="query-params")
    with st.container(horizontal=True, vertical_alignment="center"):
        pinned = st.toggle(_("Pinned only"), key=HistoryKey.PINNED, bind="query-params")
        trash = st.toggle(_("In the trash"), key=HistoryKey.TRASH, bind="query-params")
        private = _private()
        st.button(_("Clear all"), key="clear-filters", on_click=clear, icon=":material/filter_alt_off:")
    return Filter(
        search=search or "",
        picture=picture or "",
        model=model,
        method=method,
        tag=tag,
        who=asker,
        rating=rating,
        samples=(least_samples, most_samples),
        created=(_begin(since), None if until is None else _begin(until + timedelta(days=1))),
        duration=(least_seconds, most_seconds),
        stored={ANY: None, "stored": True, "evicted": False}[heat or ANY],
        size=(least_size, most_size),
        pinned=pinned,
        trash=trash,
        viewer=identity.viewer(),
        private=private,
        imported={ANY: None, "computed": False, "imported": True}[origin or ANY],
    )


def _titles(titles: dict[str, str]) -> dict[str, str]:
    return {name: _(title) for name, title in titles.items()}


def _ratings() -> dict[int, str]:
    return {0: _("Any")} | {count: _("{stars} or more", stars=stars(count)) for count in range(1, MOST_STARS + 1)}


def _private() -> bool:
    """Private runs: one's own or, of an administrator who asks for them, somebody's."""
    person = identity.person()
    if not person.signed_in:
        return False
    own = st.toggle(_("Private only"), key=HistoryKey.PRIVATE, bind="query-params", help=_("Runs that only you see"))
    if not person.is_admin:
        return own
    names = resources.storage().runs.overview.owners()
    if st.session_state.get(HistoryKey.PRIVATE_OF) not in (None, ANY, *names):
        st.session_state[HistoryKey.PRIVATE_OF] = ANY
    other = st.selectbox(
        _("Private runs of"),
        (ANY, *names),
        format_func=lambda name: visible(name) or _("nobody else"),
        key=HistoryKey.PRIVATE_OF,
        on_change=_note_look,
        width=240,
        help=_("As an administrator you can look at them; the audit log says that you did."),
    )
    return own or bool(other)


@clicks.whole
def _note_look() -> None:
    asked = st.session_state[HistoryKey.PRIVATE_OF]
    if asked:
        resources.audit().write("look-at-private", identity.person().name, owners=[asked])


def _choice(label: str, key: HistoryKey, options: tuple[str, ...], titles: bool = False) -> str:
    named = {ANY: _("Any")} | {option: _(method_title(option)) if titles else visible(option) for option in options}
    return choose_by_title(label, named, key, bind="query-params") or ANY


def _number(label: str, key: HistoryKey) -> float | None:
    return number_in_address(label, 0, int(_MOST), key, empty=True, placeholder=_("any"))


def _size(label: str, key: HistoryKey) -> int | None:
    """A field in megabytes -> bytes."""
    asked = number_in_address(label, 0.0, _MOST, key, empty=True, placeholder=_("any"), format="%g")
    return None if asked is None else round(asked * 2**20)


def _begin(day: date | None) -> float | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
