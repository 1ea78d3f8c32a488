"""A real server on a data folder of its own, and a real Chromium in front of it."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.serving import FLAGS, PATIENCE, LeftWork, Shared, find_chromium
from tests.browser.waiting import open_context


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Iterator[Shared]:
    """The server of most tests."""
    running = Shared(tmp_path_factory.mktemp("server"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def address(shared) -> str:
    """Where it listens."""
    return shared.address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A Chromium for all tests."""
    path = find_chromium()
    if path is None:
        reason = "There is no Chromium: install Debian's package chromium, or name one in $CHROMIUM."
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(chromium, shared, address) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody new: `visitor("/compute")`; more arguments are options of their browser's.

    What they ask of the shared server must have ended with the test, or all later ones would wait for it: whatever is
    left is a failure of this test, and ends here.
    """
    contexts: list[BrowserContext] = []

    def open_page(path: str, **options) -> Page:
        context = open_context(chromium, **{"viewport": {"width": 1280, "height": 800}, **options})
        contexts.append(context)
        page = context.new_page()
        page.goto(path if path.startswith("http") else address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    if left := shared.jobs_left():
        shared.renew()
        raise LeftWork(f"The test left {left} jobs in the server: wait for them, or cancel them.")
