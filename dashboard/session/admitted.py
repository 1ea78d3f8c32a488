"""Which open pages have been let in, for what comes beside the page itself: the files that it uploads.

A page is known by Streamlit's id of its session, which its browser alone is told. It is remembered for as long as
Streamlit keeps what belongs to it, and no longer.
"""

from weakref import WeakValueDictionary

from dashboard.session.state import Session, page_id, session

_admitted: WeakValueDictionary[str, Session] = WeakValueDictionary()


def let_in(person: str = "") -> None:
    """Notes that this page may be drawn.

    Args:
        person: who is proven to be at it; "" where nobody is, and each page counts for itself.
    """
    current = session()
    current.visitor = f"person {person}" if person else f"page {page_id()}"
    _admitted[page_id()] = current


def turn_away() -> None:
    """Notes that this page may not be drawn, or not any more."""
    _admitted.pop(page_id(), None)


def visitor_of(page: str) -> str | None:
    """Whose quota a page's uploads are counted in; None where it has not been let in."""
    current = _admitted.get(page)
    return None if current is None else current.visitor


def tell(page: str, sentence: str) -> None:
    """Has a page say, when it is drawn next, why an upload was refused."""
    current = _admitted.get(page)
    if current is not None:
        current.upload_refusal = sentence
