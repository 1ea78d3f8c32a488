"""Which page of a document in the form is asked about: its number, and small pictures of the pages around it."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from core import ImageError
from core.inputs.documents.pdf import thumbnails
from dashboard.jobs.pictures import ChosenPicture
from dashboard.language import _
from dashboard.memo import memoised
from dashboard.session import clicks

AROUND = 5
"""Pages of which a small picture is shown."""
LONGEST = 96
"""Pixels of its longer side."""


def page_field(key: str, chosen: ChosenPicture, on_choice: Callable[[int], None], with_thumbnails: bool) -> None:
    """The choice; nothing where there is none.

    Args:
        key: of the widgets; the same for all pages of one file.
        on_choice: is called with another page, before the page is drawn again.
    """
    count = chosen.reading.pages
    if count < 2:
        return
    st.session_state[key] = chosen.page  # also where another one was asked for, and could not be drawn
    st.number_input(
        _("Page, of {count:,}", count=count),
        1,
        count,
        key=key,
        on_change=_typed,
        args=(key, on_choice),
        width=200,
        help=_(
            "The page becomes a picture, at so many dots per inch that its small print can be read. Of the document "
            "that page alone is stored."
        ),
    )
    if not with_thumbnails:
        return
    around = pages_around(chosen.page, count)
    with st.container(horizontal=True, gap="small", key=f"{key}-thumbnails"):
        for page, small in zip(around, memoised(chosen, "thumbnails", lambda: _drawn(chosen, around)), strict=True):
            with st.container(width=LONGEST, gap=None, horizontal_alignment="center"):
                if small is not None:
                    st.image(small, width=small.shape[1], alt=_("Page {number}", number=page))
                st.button(
                    str(page),
                    key=f"{key}-{page}",
                    type="tertiary",
                    disabled=page == chosen.page,
                    on_click=_clicked,
                    args=(key, page, on_choice),
                )


def pages_around(page: int, count: int) -> range:
    """The pages shown beside one: so many, with it in their middle where there are some on either side."""
    first = max(1, min(page - AROUND // 2, count - AROUND + 1))
    return range(first, min(count, first + AROUND - 1) + 1)


def _drawn(chosen: ChosenPicture, pages: range) -> list[np.ndarray | None]:
    try:
        return thumbnails(chosen.file(), pages, LONGEST)
    except ImageError:  # the page itself was read: one that cannot be drawn so many times is chosen by its number
        return [None] * len(pages)


@clicks.whole
def _typed(key: str, on_choice: Callable[[int], None]) -> None:
    on_choice(st.session_state[key])


@clicks.whole
def _clicked(key: str, page: int, on_choice: Callable[[int], None]) -> None:
    st.session_state[key] = page
    on_choice(page)
