"""A click on Run, and what the visitor does next while the page still runs."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_dashboard import ask, choose, scene_file, shorten_answers, upload
from tests.browser.viewing import shows
from tests.browser.waiting import interrupt, settled

pytestmark = pytest.mark.browser


def test_run_is_not_lost_to_what_comes_next(visitor):
    page = visitor("/compute")
    upload(page, scene_file(1_700_009))
    expect(page.get_by_text("my scene.png").first).to_be_visible()
    choose(page, "Noise samples", "Quick")
    shorten_answers(page, 3)
    ask(page, "Where is the circle?")
    shows(page)
    for elements in (1, 5, 10, 20, 30):
        question = f"What is there after {elements}?"
        settled(page)
        box = page.get_by_label("Prompt", exact=True)
        box.fill(question)
        box.blur()
        settled(page)
        before = shown(page)
        interrupt(page, "Run", elements)
        expect(page.locator(".st-key-answer-panel").get_by_text(question)).to_be_visible()
        assert shown(page) != before
        expect(box).to_have_value(question)
        shows(page)


def test_back_leads_back_however_soon(visitor):
    page = visitor("/compute")
    upload(page, scene_file(1_700_010))
    expect(page.get_by_text("my scene.png").first).to_be_visible()
    choose(page, "Noise samples", "Quick")
    shorten_answers(page, 3)
    first, second = "Where is the circle?", "What is there?"
    for question in (first, second, first):
        ask(page, question)  # the last time from the store, so that it is on display at once
        expect(page.locator(".st-key-answer-panel").get_by_text(question)).to_be_visible()
        shows(page)  # the prompt stands there as soon as it is asked
    page.evaluate("history.back()")
    expect(page.locator(".st-key-answer-panel").get_by_text(second)).to_be_visible()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value(second)


def shown(page):
    """The run that the address names."""
    return re.search("run=([0-9a-f]{16})", page.url)[1]
