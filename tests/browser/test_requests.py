"""What browsers ask the server for."""

import pytest
from playwright.sync_api import expect

from dashboard.server.first_document import PAGES
from tests.browser.serving import server
from tests.browser.waiting import settled
from tests.some import some

pytestmark = pytest.mark.browser


def watched(page, address: str) -> list[tuple[int, str]]:
    """(status, address) of every answer to a page that is opened there."""
    seen: list[tuple[int, str]] = []
    page.on("response", lambda answer: seen.append((answer.status, answer.url)))
    page.goto(address)
    expect(page.get_by_role("link", name="History", exact=True)).to_be_visible()
    settled(page)
    return seen


# The page of access tokens is there alone where the server lets programs in; see below.
@pytest.mark.parametrize("name", [name for name in PAGES if name != "tokens"])
def test_no_request_of_a_page_fails(visitor, address, name):
    seen = watched(visitor("/health"), f"{address}/{name}")
    assert f"{address}/_stcore/health" in [url for _, url in seen]
    assert [each for each in seen if each[0] >= 400] == []


@pytest.mark.parametrize("base", ["/maps", "/compute"])
def test_the_server_is_found_below_a_path(visitor, tmp_path, base):
    pages = {
        "": "Ask about a picture or video",
        "history": "There are no runs yet",
        "tokens": "There are no access tokens yet",
    }
    with server(tmp_path, base=base, settings={"API": "true"}) as address:
        for name, words in some(pages.items()):
            page = visitor(f"{address}{base}/_stcore/health")
            seen = watched(page, f"{address}{base}/{name}")
            expect(page.get_by_text(words)).to_be_visible()
            assert (200, f"{address}{base}/_stcore/health") in seen
            assert [each for each in seen if each[0] >= 400] == []
