"""Batch in a real browser: pictures and a table go up, the queue is fed without the page, the address shows it."""

import io
import re

import pytest
from playwright.sync_api import Page, expect

from core.scenes.scene import sample
from tests.browser.test_dashboard import choose, open_advanced, shorten_answers
from tests.browser.waiting import interrupt, settled

pytestmark = pytest.mark.browser


def upload(number: int) -> dict:
    data = io.BytesIO()
    sample(1_600_600 + number).image.resize((112, 112)).save(data, "PNG")
    return {"name": f"photo {number}.png", "mimeType": "image/png", "buffer": data.getvalue()}


def cancel_all(page: Page) -> None:
    """Stops what a batch on display still computes, and waits until nothing of it does."""
    over = page.get_by_role("button", name=re.compile("that are missing")).or_(
        page.get_by_text(re.compile(r"^(\d+) of \1 done$"))
    )
    expect(page.get_by_role("button", name="Cancel all").or_(over)).to_be_visible()
    settled(page)
    # It may be gone by now, and is not waited for.
    page.get_by_role("button", name="Cancel all").evaluate_all("all => all.forEach(each => each.click())")
    expect(over).to_be_visible()


def test_a_batch_runs_on_without_its_page(visitor):
    page = visitor("/batch")
    rows = "".join(f"photo {number}.png;What is {number}?\n" for number in range(6))
    table = {"name": "pairs.csv", "mimeType": "text/csv", "buffer": f"picture;prompt\n{rows}".encode()}
    page.locator("input[type=file]").set_input_files([*map(upload, range(6)), table])
    expect(page.get_by_text("6 pictures and videos, and the table pairs.csv of 6 rows.")).to_be_visible()
    choose(page, "Noise samples", "Quick")
    shorten_answers(page, 4)
    expect(page.get_by_text("6 to compute, 0 stored already.")).to_be_visible()
    page.get_by_role("button", name="Run all 6").click()
    expect(page.get_by_role("heading", name="Batch of 6 rows")).to_be_visible()
    page.wait_for_url(re.compile("batch=[0-9a-f]{16}"))
    address = page.url
    page.context.close()

    again = visitor(address)
    expect(again.get_by_text("6 of 6 done")).to_be_visible()
    settled(again)
    with again.expect_download() as download:
        again.get_by_role("button", name="Summary CSV").click()
    lines = download.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) == 7 and all("/compute?run=" in line for line in lines[1:])
    again.get_by_role("button", name="New batch").click()
    again.get_by_role("link", name=re.compile("6 pictures, What is 0")).click()
    expect(again.get_by_text("6 of 6 done")).to_be_visible()
    settled(again)
    again.get_by_role("link", name="Compare them").click()
    expect(again.get_by_role("heading", name="Compare")).to_be_visible()
    assert len(re.search("runs=([0-9a-f%C,]+)", again.url)[1].replace("%2C", ",").split(",")) == 6


@pytest.mark.parametrize("elements", [1, 10, 20])
def test_a_click_is_not_lost_to_what_the_visitor_does_next(visitor, elements):
    """The run of the page that the click began is cut off by the next one."""
    page = visitor("/batch")
    page.locator("input[type=file]").set_input_files([*map(upload, range(2))])
    expect(page.get_by_text("2 pictures and videos.")).to_be_visible()
    page.get_by_role("textbox", name="Prompt").fill(f"What is it after {elements}?")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("button", name="Run all 2")).to_be_visible()
    open_advanced(page)  # for its switches
    settled(page)
    interrupt(page, "Run all", elements)
    expect(page.get_by_role("heading", name="Batch of 2 rows")).to_be_visible()
    page.wait_for_url(re.compile("batch=[0-9a-f]{16}"))
    cancel_all(visitor(page.url))
    page.get_by_role("button", name="New batch").click()
    expect(page.get_by_role("heading", name="Ask about many pictures or videos at once")).to_be_visible()
    assert "batch=" not in page.url


def test_a_page_hears_that_somebody_else_goes_on(visitor):
    page = visitor("/batch")
    page.locator("input[type=file]").set_input_files([*map(upload, range(4))])
    expect(page.get_by_text("4 pictures and videos.")).to_be_visible()
    page.get_by_role("textbox", name="Prompt").fill("What is somebody else's?")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Run all 4").click()
    page.get_by_role("button", name="Cancel all").click()
    go_on = page.get_by_role("button", name=re.compile("that are missing"))
    expect(go_on).to_be_visible()
    page.wait_for_url(re.compile("batch=[0-9a-f]{16}"))
    other = visitor(page.url)
    expect(other.get_by_role("button", name=re.compile("that are missing"))).to_be_visible()
    settled(page)
    go_on.click()
    expect(other.get_by_role("button", name="Cancel all").or_(other.get_by_text("4 of 4 done")).first).to_be_visible()
    cancel_all(other)
