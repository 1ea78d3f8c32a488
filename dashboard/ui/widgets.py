"""Widgets that several pages use: something chosen by its title, lazy tabs, and buttons for files."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import streamlit as st

from dashboard.language import ENGLISH, _, language, speaking

T = TypeVar("T")

_KINDS = {
    "csv": ("text/csv", ":material/table:"),
    "gif": ("image/gif", ":material/gif_box:"),
    "mp4": ("video/mp4", ":material/movie:"),
    "webm": ("video/webm", ":material/movie:"),
    "html": ("text/html", ":material/description:"),
    "npz": ("application/octet-stream", ":material/data_array:"),
    "pdf": ("application/pdf", ":material/picture_as_pdf:"),
    "png": ("image/png", ":material/image:"),
    "svg": ("image/svg+xml", ":material/draw:"),
    "webp": ("image/webp", ":material/movie:"),
    "zip": ("application/zip", ":material/folder_zip:"),
}
"""How a file's name ends -> its media type, and the icon of its button."""


def in_address(key: str, titles: Mapping[T, str], usual: T, draw: Callable[..., T], *, anew: bool = False) -> T:
    """Draws a widget that chooses, whose value stands in the address by its English title, whatever is spoken.

    Streamlit itself would put there what the widget shows, and know a link again only in the language that made it.

    Args:
        key: of the widget, and of the address.
        titles: values and what they are called, in English.
        usual: the value of an address that is silent.
        draw: makes the widget of its first value, of a function that words a value, and of Streamlit's `bind`.
        anew: whether what the address says is the widget's default at every run, and not only at the first: tabs begin
            anew wherever their default changes.
    """
    if language() == ENGLISH:
        return draw(usual, titles.__getitem__, "query-params")
    named = {title: value for value, title in titles.items()}.get(st.query_params.get(key), usual)
    chosen = draw(usual if key in st.session_state and not anew else named, _worded(titles), None)
    if chosen == usual:
        st.query_params.pop(key, None)
    elif st.query_params.get(key) != titles[chosen]:
        st.query_params[key] = titles[chosen]
    return chosen


def _worded(titles: Mapping[Any, str]) -> Callable[[Any], str]:
    """What words a value in the language that is spoken now."""
    return {value: _(title) for value, title in titles.items()}.__getitem__


def choose_by_title(label: str, titles: Mapping[Any, str], key: str, *, index: int = 0, **options: Any) -> Any:
    """The chosen one of `titles`, a mapping of values to what they are called in English.

    Args:
        index: of the first one.
        options: as of `st.selectbox`; with `bind`, what is chosen stands in the address.
    """
    values = tuple(titles)

    def draw(first: Any, word: Callable[[Any], str], bind: str | None) -> Any:
        at = values.index(first) if values else 0
        return st.selectbox(label, values, at, format_func=word, key=key, bind=bind, **options)

    if options.pop("bind", None) is None or not values:
        return draw(values[index] if values else None, _worded(titles), None)
    return in_address(key, titles, values[index], draw)


def segments_by_title(label: str, titles: Mapping[Any, str], key: str, default: Any, about: str | None = None) -> Any:
    """The chosen one of a few, all of them seen at once and one always chosen; it stands in the address.

    Args:
        titles: values and what they are called, in English.
        default: what is chosen at first, and where the address says nonsense.
        about: what it means, shown beside the label.
    """

    def draw(first: Any, word: Callable[[Any], str], bind: str | None) -> Any:
        return st.segmented_control(
            label, tuple(titles), format_func=word, default=first, required=True, key=key, bind=bind, help=about
        )

    return in_address(key, titles, default, draw)


def number_in_address(label: str, low: float, high: float, key: str, *, empty: bool = False, **options: Any) -> Any:
    """A field for a number that stands in the address; an address that names none within reach is taken as silent.

    Streamlit itself makes a whole number of what may be infinite before it looks at the limits.

    Args:
        low, high: the least and greatest; it is a field for whole numbers where they are.
        empty: whether it begins empty, else with the least.
        options: further ones of `st.number_input`.
    """
    named, bind = st.query_params.get(key), "query-params"
    if named is not None and not _is_within(named, low, high):
        del st.query_params[key]
        bind = None  # for this run, at the end of which the browser has another address
    return st.number_input(label, low, high, None if empty else "min", key=key, bind=bind, **options)


def _is_within(text: str, low: float, high: float) -> bool:
    try:
        return low <= float(text) <= high
    except ValueError:
        return False


def forget_unless_offered(key: str, options: Collection[Any]) -> None:
    """Lets go of a widget's value that is none of its options any more, so that it begins with its default."""
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]


def lazy_tabs(contents: Mapping[str, Callable[[], None]], key: str) -> None:
    """Tabs of which only the open one is drawn, for only what is seen should cost anything; it stands in the address.

    Args:
        contents: title of each tab, in English -> what draws it.
    """
    for tab, draw in zip(_tabs(list(contents), key), contents.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def _tabs(titles: list[str], key: str) -> Sequence[Any]:
    if language() == ENGLISH:
        return st.tabs(titles, key=key, bind="query-params")
    found: list[Any] = []

    def draw(first: str, word: Callable[[str], str], _bind: None) -> str:
        labels = [word(title) for title in titles]
        # Which tab is open is known by its label, so those of each language have a key of their own.
        found.extend(st.tabs(labels, key=f"{key}-{language()}", default=word(first), on_change="rerun"))
        return next((title for title, tab in zip(titles, found, strict=True) if tab.open), first)

    in_address(key, {title: title for title in titles}, titles[0], draw, anew=True)
    return found


def file_download(
    label: str, make: Callable[[], bytes | str], file: str, key: str, about: str | None = None, **options: Any
) -> None:
    """A button for a file that is made when the button is pressed; the page does not run again for it.

    Args:
        make: speaks the language that is spoken now, for no page is drawn when it is called.
        file: its name, from whose ending its kind follows.
        options: further ones of `st.download_button`.
    """
    spoken = language()

    def made() -> bytes | str:
        with speaking(spoken):
            return make()

    mime, icon = _KINDS[file.rpartition(".")[2]]
    st.download_button(label, made, file, mime, key=key, on_click="ignore", help=about, **{"icon": icon} | options)
