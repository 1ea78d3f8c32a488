"""A PDF's page becomes a picture, at a size at which its text can be read."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from core.errors import ImageError, InputError
from core.inputs.documents.process import DrawnPage, ask
from core.inputs.formats import format_of

READABLE = 12
"""Pixels of its size below which print is hard to read, for models and people alike."""
_MARK_WITHIN = 1024
"""Bytes at the beginning of a file within which it has to say that it is a PDF."""
_NAMED = "#page="


def is_pdf(data: bytes) -> bool:
    """Whether a file is a PDF, by its content."""
    return b"%PDF" in data[:_MARK_WITHIN] and format_of(data) is None


def check_page(page: Any) -> int:
    """The number of a page, as people count them.

    Raises:
        InputError: it is none.
    """
    if not isinstance(page, int) or isinstance(page, bool) or page < 1:
        raise InputError(f"A page is a number from 1 on, not {page!r:.40}.")
    return page


def count_pages(data: bytes) -> int:
    """How many pages a PDF has; none of them is drawn.

    Raises:
        ImageError: it cannot be read, or has none.
    """
    return _counted(ask(data, ())[0])


def draw_page(data: bytes, page: int) -> tuple[DrawnPage, int]:
    """A page, and how many there are.

    Raises:
        ImageError: there is no such page, or it cannot be drawn.
    """
    count, (drawn,) = ask(data, (page,))
    if page > _counted(count):
        number = "one page" if count == 1 else f"{count} pages"
        raise ImageError(f"This PDF document has {number}; there is no page {page}.")
    if isinstance(drawn, ImageError):
        raise drawn
    return drawn, count


def thumbnails(data: bytes, pages: Sequence[int], longest: int) -> list[np.ndarray | None]:
    """Pages as small pictures, uint8 [height, width, 3]; None for those that cannot be drawn.

    Args:
        longest: pixels of the longer side.

    Raises:
        ImageError: the file cannot be read.
    """
    return [None if isinstance(page, ImageError) else page.pixels for page in ask(data, pages, longest)[1]]


def page_notes(drawn: DrawnPage, page: int, count: int) -> tuple[str, ...]:
    """What is to be said of a drawn page, a sentence each."""
    where = f"Page {page} of {count} of a PDF document" if count > 1 else "A PDF document of one page"
    notes = (f"{where}, drawn at {drawn.dpi:.0f} dots per inch.",)
    if 0 < drawn.small_print < READABLE:
        notes += (
            f"The page is very large, and its small print {drawn.small_print:.0f} pixels high, which is hard to read. "
            "Cut out the part that is asked about.",
        )
    return notes


def page_name(name: str, page: int) -> str:
    """What a page is called in lists: the file's name and what names a page in an address, which any language reads."""
    return f"{name}{_NAMED}{page}"


def split_name(name: str) -> tuple[str, int | None]:
    """The file and the page that a name means; None for a name of a whole file."""
    file, mark, page = name.rpartition(_NAMED)
    return (file, int(page)) if mark and page.isdecimal() and int(page) else (name, None)


def _counted(count: int) -> int:
    if count < 1:
        raise ImageError("This PDF document has no pages.")
    return count
