"""What tests read off a page, and do to it as a person would."""

from streamlit.testing.v1 import AppTest


def sentences(app: AppTest) -> str:
    """All that the page says in boxes, small print and markdown."""
    boxes = (app.error, app.warning, app.info, app.caption, app.markdown)
    return "\n".join(element.value for kind in boxes for element in kind)


def texts(app: AppTest) -> list[str]:
    """All plain text on the page."""
    return [text.value for text in app.text]


def titles(app: AppTest) -> list[str]:
    """All that the page says in markdown, element by element."""
    return [element.value for element in app.markdown]


def shows_result(app: AppTest) -> bool:
    """Whether the maps of a run are on the page."""
    return any("Raw heat" in title for title in titles(app))
