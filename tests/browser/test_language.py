"""The language of the pages in a real browser: what it asks for, the switch, and what it keeps."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import settled

pytestmark = pytest.mark.browser

ENGLISH, CHINESE = "Compute", "计算"


def speaks(page: Page, title: str, tag: str) -> None:
    expect(page.get_by_role("link", name=title, exact=True)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", tag)


def switch(page: Page, to: str) -> None:
    settled(page)
    page.locator(".st-key-person-menu button").first.click()
    page.get_by_role("button", name=to, exact=True).click()


def test_a_page_speaks_as_the_browser_asks(visitor):
    speaks(visitor("/", locale="en-GB"), ENGLISH, "en")
    speaks(visitor("/", locale="zh-CN"), CHINESE, "zh-Hans")
    speaks(visitor("/", locale="fr-FR"), ENGLISH, "en")


def test_the_switch_holds_on_all_pages_and_for_the_next_visit(visitor):
    page = visitor("/", locale="en-GB")
    speaks(page, ENGLISH, "en")
    switch(page, "简体中文")
    speaks(page, CHINESE, "zh-Hans")
    page.get_by_role("link", name=CHINESE, exact=True).click()
    expect(page).to_have_url(re.compile("/compute"))
    speaks(page, CHINESE, "zh-Hans")
    page.reload()
    speaks(page, CHINESE, "zh-Hans")
    switch(page, "English")
    speaks(page, ENGLISH, "en")
    page.reload()
    speaks(page, ENGLISH, "en")


def test_a_link_says_nothing_of_a_language(visitor):
    page = visitor("/compute", locale="zh-CN")
    speaks(page, CHINESE, "zh-Hans")
    assert "zh" not in page.url and "lang" not in page.url
    speaks(visitor(page.url, locale="en-GB"), ENGLISH, "en")
