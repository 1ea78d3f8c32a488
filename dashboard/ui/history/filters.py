"""The widgets that choose which runs History lists, all of them in the address, so that a view can be shared."""

from datetime import UTC, date, datetime, timedelta

import streamlit as st

from cache import Filter, Order
from cache.runs.annotations import MOST_STARS
from cache.runs.overview import Choices
from dashboard import resources
from dashboard.auth import identity
from dashboard.formatting import method_title, stars
from dashboard.session.keys import HistoryKey
from dashboard.ui.widgets import choose_by_title

SORTS = {
    "pinned": "Pinned, then latest",
    "created": "When",
    "updated": "Last run",
    "picture": "Picture",
    "title": "Title",
    "prompt": "Prompt",
    "answer": "Answer",
    "model": "Model",
    "method": "Method",
    "samples": "Samples",
    "duration": "Time taken",
    "rating": "Rating",
    "stored": "Stored size",
    "tags": "Tags",
    "who": "Who",
}
ANY = ""
HEAT = {ANY: "Any", "stored": "Stored", "evicted": "Evicted"}
RATINGS = {0: "Any"} | {count: f"{stars(count)} or more" for count in range(1, MOST_STARS + 1)}
_CHOICES = (HistoryKey.MODEL, HistoryKey.METHOD, HistoryKey.TAG, HistoryKey.WHO, HistoryKey.HEAT, HistoryKey.PRIVATE_OF)
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


def filter_bar(choices: Choices) -> tuple[Filter, Order]:
    """Search, order and filters; returns what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="history-filters"):
        search = st.text_input(
            "Search prompts, answers, notes and titles",
            key=HistoryKey.SEARCH,
            bind="query-params",
            icon=":material/search:",
            placeholder="Any words, any language: red circle, 左上角",
        )
        by = choose_by_title(
            "Sort by",
            SORTS,
            HistoryKey.SORT,
            bind="query-params",
            width=190,
            help="All runs, not this page alone; a click on a column's head sorts the page.",
        )
        upward = st.toggle(
            "Upward", key=HistoryKey.UPWARD, bind="query-params", help="From the smallest, earliest or A"
        )
        label = "Filters" if not active() else f"Filters ({active()})"
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
        model = _choice("Model", HistoryKey.MODEL, choices.models)
        tag = _choice("Tag", HistoryKey.TAG, choices.tags)
        rating = choose_by_title("Rating", RATINGS, HistoryKey.RATING, bind="query-params")
        since = st.date_input("First run since (UTC)", None, key=HistoryKey.SINCE, bind="query-params")
        least_samples = _number("Samples from", HistoryKey.LEAST_SAMPLES)
        least_seconds = _number("Seconds from", HistoryKey.LEAST_SECONDS)
        least_size = _size("Stored MB from", HistoryKey.LEAST_SIZE)
    with right:
        method = _choice("Method", HistoryKey.METHOD, choices.methods, titles=True)
        asker = _choice("Who", HistoryKey.WHO, choices.who)
        picture = st.text_input("Picture's name", key=HistoryKey.PICTURE, bind="query-params")
        until = st.date_input("First run until (UTC)", None, key=HistoryKey.UNTIL, bind="query-params")
        most_samples = _number("Samples to", HistoryKey.MOST_SAMPLES)
        most_seconds = _number("Seconds to", HistoryKey.MOST_SECONDS)
        most_size = _size("Stored MB to", HistoryKey.MOST_SIZE)
    heat = choose_by_title(
        "Heat",
        HEAT,
        HistoryKey.HEAT,
        bind="query-params",
        help="Evicted: dropped by the size limit, by age or by cleaning up. It can be computed again.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        pinned = st.toggle("Pinned only", key=HistoryKey.PINNED, bind="query-params")
        trash = st.toggle("In the trash", key=HistoryKey.TRASH, bind="query-params")
        private = _private()
        st.button("Clear all", key="clear-filters", on_click=clear, icon=":material/filter_alt_off:")
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
    )


def _private() -> bool:
    """Private runs: one's own or, of an administrator who asks for them, somebody's."""
    person = identity.person()
    if not person.signed_in:
        return False
    own = st.toggle("Private only", key=HistoryKey.PRIVATE, bind="query-params", help="Runs that only you see")
    if not person.is_admin:
        return own
    names = resources.storage().runs.overview.owners()
    if st.session_state.get(HistoryKey.PRIVATE_OF) not in (None, ANY, *names):
        st.session_state[HistoryKey.PRIVATE_OF] = ANY
    other = st.selectbox(
        "Private runs of",
        (ANY, *names),
        format_func=lambda name: name or "nobody else",
        key=HistoryKey.PRIVATE_OF,
        on_change=_note_look,
        width=240,
        help="As an administrator you can look at them; the audit log says that you did.",
    )
    return own or bool(other)


def _note_look() -> None:
    asked = st.session_state[HistoryKey.PRIVATE_OF]
    if asked:
        resources.audit().write("look-at-private", identity.person().name, owners=[asked])


def _choice(label: str, key: HistoryKey, options: tuple[str, ...], titles: bool = False) -> str:
    named = {ANY: "Any"} | {option: method_title(option) if titles else option for option in options}
    return choose_by_title(label, named, key, bind="query-params") or ANY


def _number(label: str, key: HistoryKey) -> float | None:
    return st.number_input(label, 0, None, None, key=key, bind="query-params", placeholder="any")


def _size(label: str, key: HistoryKey) -> int | None:
    """A field in megabytes -> bytes."""
    asked = st.number_input(label, 0.0, None, None, key=key, bind="query-params", placeholder="any", format="%g")
    return None if asked is None else round(asked * 2**20)


def _begin(day: date | None) -> float | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
