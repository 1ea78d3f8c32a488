"""Waiting for what a page's own script does."""

import time

from playwright.sync_api import Page

from tests.browser.serving import PATIENCE


def becomes(page: Page, expression: str) -> None:
    """Waits until a JavaScript expression is true.

    Playwright's own way evaluates text inside the page, which the dashboard's security headers forbid.
    """
    until = time.monotonic() + PATIENCE / 1000
    while not page.evaluate(expression):
        assert time.monotonic() < until, f"never true: {expression}"
        page.wait_for_timeout(50)
