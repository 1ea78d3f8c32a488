"""What somebody can press, type into or drag on a page as it stands: few of them make a page that is easy to read."""

from playwright.sync_api import Page

SIDEBAR, HEADER, PERSON = "[data-testid=stSidebar]", "header", ".st-key-person"
"""Places of a page: the form, what stands above the page, and who is there."""

_CONTROLS = """(places) => [...document.querySelectorAll(places)].flatMap((place) => [...place.querySelectorAll(
        "button, input, textarea, select, summary, [role=button], [role=slider], [role=switch], [role=tab]"
    )])
    .filter((each) => each.checkVisibility({opacityProperty: true, visibilityProperty: true}))
    // The arrow of a list belongs to the list; help is counted by itself; the sidebar's own button is no part of it.
    .filter((each) => !each.matches("[data-testid=stSelectbox] button"))
    .filter((each) => !each.matches("[data-testid=stSidebarCollapseButton] *, [aria-label^='Help for ']"))
    .map((each) => each.getAttribute("aria-label") || each.innerText.trim() || each.tagName)"""

_HELP = """(places) => [...document.querySelectorAll(places)]
    .flatMap((place) => [...place.querySelectorAll("[aria-label^='Help for ']")])
    .filter((each) => each.checkVisibility()).length"""


def controls(page: Page, *places: str) -> list[str]:
    """The names of the visible controls in these places, links and help aside."""
    return page.evaluate(_CONTROLS, ", ".join(places))


def question_marks(page: Page, *places: str) -> int:
    """How many help texts are offered there."""
    return page.evaluate(_HELP, ", ".join(places))
