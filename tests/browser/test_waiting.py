"""The browser tests' own waiting: a page is at rest when nothing of it is still to come."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.waiting import settled

pytestmark = pytest.mark.browser


def test_a_page_is_not_at_rest_while_the_code_of_an_element_is_being_fetched(visitor, address):
    page = visitor("/health").context.new_page()
    held: list[Route] = []
    page.route("**/Html.*.js", lambda route: held.append(route))  # Playwright takes no method of a list
    page.goto(address)
    expect(page.locator("[data-testid=stSkeleton]").first).to_be_attached()
    expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    assert held
    assert not page.evaluate("smoothcamWatch.rests()")
    for each in held:
        each.continue_()
    settled(page)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0)
