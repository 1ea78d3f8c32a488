"""Single heads and the logit lens in a real browser: read once, and chosen by clicks on pictures."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_dashboard import ask, choose, scene_file, shorten_answers, upload
from tests.browser.viewing import shows
from tests.browser.waiting import settled

pytestmark = pytest.mark.browser


def test_a_click_on_the_sheet_chooses_a_head_and_one_on_the_picture_a_cell(visitor):
    page = visitor("/compute", viewport={"width": 1280, "height": 900})
    upload(page, scene_file(1_700_302))
    expect(page.get_by_text("my scene.png").first).to_be_visible()
    settled(page)
    choose(page, "Noise samples", "Quick")
    shorten_answers(page, 4)
    ask(page, "Where is the circle?")
    shows(page)
    page.get_by_role("tab", name="Heads").click()
    page.get_by_role("button", name="Read single heads").click()
    sheet = page.get_by_role("img", name="Maps of all heads")
    expect(sheet).to_be_visible()
    settled(page)
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    sheet.click(position={"x": 0.5 * box["width"], "y": 0.75 * box["height"]})
    expect(page).to_have_url(re.compile(r"[?&]head=\d+\.\d+"))
    layer, head = re.search(r"head=(\d+)\.(\d+)", page.url).groups()
    expect(page.get_by_text(f"Layer {layer}, head {head}")).to_be_visible()
    # The frame lies where was clicked.
    frame = page.locator(".around .frame").bounding_box()
    assert frame["x"] <= box["x"] + 0.5 * box["width"] <= frame["x"] + frame["width"] + 5

    page.get_by_role("tab", name="Logit lens").click()
    page.get_by_role("button", name="Ask every cell at every layer").click()
    picture = page.get_by_role("img", name="The picture, the chosen cell framed")
    expect(picture).to_be_visible()
    settled(page)
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    picture.click(position={"x": 2, "y": box["height"] - 3})
    expect(page).to_have_url(re.compile(r"[?&]lens-column=1(&|$)"))
    expect(page).to_have_url(re.compile(r"[?&]lens-row=[4-9]\d*(&|$)"))
    rows = int(re.search(r"lens-row=(\d+)", page.url)[1])
    expect(page.get_by_label("Row", exact=True)).to_have_value(str(rows))  # the lowest
