"""One question about several pictures, as people ask it and link to it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_dashboard import ask, scene_file, shorten_answers
from tests.browser.viewing import shows, slide
from tests.browser.waiting import settled


def shown_shape(page: Page) -> float:
    """Width over height of the overlay on display."""
    settled(page)
    canvas = shows(page).locator("canvas.map")
    return round(canvas.evaluate("canvas => canvas.clientWidth / canvas.clientHeight"), 2)


def test_one_question_about_two_pictures_and_a_link_to_the_second(visitor):
    page = visitor("/compute")
    files = [scene_file(1_700_003) | {"name": "wide.png"}, scene_file(1_700_004) | {"name": "tall.png"}]
    page.locator("input[type=file]").set_input_files(files)
    settled(page)
    page.get_by_text("One question about all of them").click()
    expect(page.get_by_text("2 pictures: Run asks one question about all of them.")).to_be_visible()
    shorten_answers(page, 4)
    ask(page, "What differs?")
    wide = shown_shape(page)
    assert wide > 1
    expect(page.get_by_text("1: wide.png")).to_be_visible()
    page.locator(".st-key-image").get_by_text("2", exact=True).click()
    page.wait_for_url("**image=2**")
    tall = shown_shape(page)
    assert tall < 1

    # A colleague sees the same picture, from the store, and the next layer keeps it.
    other = visitor(page.url)
    assert shown_shape(other) == tall
    expect(other.get_by_text("From the store")).to_be_visible()
    slide(other, "layer", 1)
    shows(other, "gradient_deviation-0")
    expect(other).to_have_url(re.compile("image=2.*layer=0|layer=0.*image=2"))

    # In the history it is one line, and opens again.
    other.get_by_role("link", name="History").click()
    expect(other.get_by_text("One run", exact=True).or_(other.get_by_text(" runs"))).to_be_visible()
