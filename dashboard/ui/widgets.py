"""Widgets that several pages use: something chosen by its title, lazy tabs, and buttons for files."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import streamlit as st

_KINDS = {
    "csv": ("text/csv", ":material/table:"),
    "gif": ("image/gif", ":material/gif_box:"),
    "html": ("text/html", ":material/description:"),
    "png": ("image/png", ":material/image:"),
    "webp": ("image/webp", ":material/movie:"),
    "zip": ("application/zip", ":material/folder_zip:"),
}
"""How a file's name ends -> its media type, and the icon of its button."""


def choose_by_title(label: str, titles: Mapping[Any, str], key: str, **options: Any) -> Any:
    """The chosen one of `titles`, a mapping of values to what they are called; options as of `st.selectbox`."""
    return st.selectbox(label, tuple(titles), format_func=titles.__getitem__, key=key, **options)


def segments_by_title(label: str, titles: Mapping[Any, str], key: str, default: Any, about: str | None = None) -> Any:
    """The chosen one of a few, all of them seen at once and one always chosen; it stands in the address.

    Args:
        titles: values and what they are called.
        default: what is chosen at first, and where the address says nonsense.
        about: what it means, shown beside the label.
    """
    return st.segmented_control(
        label,
        tuple(titles),
        format_func=titles.__getitem__,
        default=default,
        required=True,
        key=key,
        bind="query-params",
        help=about,
    )


def forget_unless_offered(key: str, options: Collection[Any]) -> None:
    """Lets go of a widget's value that is none of its options any more, so that it begins with its default."""
    if st.session_state.get(key) not in (None, *options):
        del st.session_state[key]


def lazy_tabs(contents: Mapping[str, Callable[[], None]], key: str) -> None:
    """Tabs of which only the open one is drawn, for only what is seen should cost anything; it stands in the address.

    Args:
        contents: title of each tab -> what draws it.
    """
    for tab, draw in zip(st.tabs(list(contents), key=key, bind="query-params"), contents.values(), strict=True):
        if tab.open:
            with tab:
                draw()


def file_download(
    label: str, make: Callable[[], bytes | str], file: str, key: str, about: str | None = None, **options: Any
) -> None:
    """A button for a file that is made when the button is pressed; the page does not run again for it.

    Args:
        file: its name, from whose ending its kind follows.
        options: further ones of `st.download_button`.
    """
    mime, icon = _KINDS[file.rpartition(".")[2]]
    st.download_button(label, make, file, mime, key=key, on_click="ignore", help=about, **{"icon": icon} | options)
