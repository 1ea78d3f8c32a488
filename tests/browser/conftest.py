"""A real server on a data folder of its own, and a real Chromium in front of it."""

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.serving import FLAGS, PATIENCE, find_chromium, server


@pytest.fixture(scope="session")
def address(tmp_path_factory) -> Iterator[str]:
    """Where the server of most tests listens."""
    with server(tmp_path_factory.mktemp("server")) as at:
        yield at


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
def visitor(chromium, address) -> Iterator[Callable[..., Page]]:
    """Opens a page as somebody new: `visitor("/compute")`."""
    contexts: list[BrowserContext] = []

    def open_page(path: str) -> Page:
        context = chromium.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(path if path.startswith("http") else address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
