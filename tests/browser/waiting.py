"""Waiting for what a page does: for its own script, and for what it has asked of the server. Never for a time."""

import time
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Error, Page

from tests.browser.serving import PATIENCE

_WATCH = Path(__file__).with_name("watch.js").read_text("utf-8")


def open_context(browser: Browser, **options) -> BrowserContext:
    """A new visitor's browser, with patience, whose pages can be waited for with `settled`."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    context.add_init_script(_WATCH)
    return context


def becomes(page: Page, expression: str) -> None:
    """Waits until a JavaScript expression, or what it promises, is true.

    Playwright's own way evaluates text inside the page, which the dashboard's security headers forbid.
    """
    until = time.monotonic() + PATIENCE / 1000
    while not _holds(page, expression):
        assert time.monotonic() < until, f"never true: {expression}"
        page.wait_for_timeout(50)


def _holds(page: Page, expression: str) -> bool:
    try:
        return bool(page.evaluate(expression))
    except Error as error:
        if "context was destroyed" not in str(error):
            raise
        return False  # the page is just being left for another one


def settled(page: Page) -> None:
    """Waits until the server has answered all that was done to the page, so that no element is replaced under a click.

    A run of the page's script that was begun before says nothing of what was typed since: see `watch.js`.
    """
    try:
        becomes(page, "window.smoothcamWatch?.rests() ?? false")
    except AssertionError:
        state = page.evaluate("JSON.stringify(window.smoothcamWatch)")
        raise AssertionError(f"The page never came to rest: {state}") from None


def interrupt(page: Page, button: str, elements: int) -> None:
    """Clicks on a button, and on the first switch of the sidebar once so many elements of what came of it are drawn.

    There has to be one: those under Advanced are there while it is open. The run of the page that the click began is
    cut off there. Before its first element Streamlit may lose the click itself, which nothing can hinder: a run that is
    stopped before it has taken over what the browser sent.
    """
    page.evaluate(
        """([words, elements]) => smoothcamWatch.then(
            () => [...document.querySelectorAll("button")]
                .find(each => each.innerText.trim().startsWith(words)).click(),
            elements,
            () => document.querySelector("[data-testid=stSidebar] input[type=checkbox]").click(),
        )""",
        [button, elements],
    )


def ticked(page: Page, milliseconds: int) -> None:
    """Lets every timer of the page that is due within that time go off, however late, and its server answer."""
    page.evaluate("time => new Promise(done => setTimeout(done, time))", milliseconds)
    settled(page)
