"""The first minute of somebody new: one click to a map, and a page that is never empty."""

import re

import pytest
from playwright.sync_api import expect

from dashboard.ui.connection import SENTENCE
from tests.browser.serving import server
from tests.browser.test_dashboard import answer, choose, scene_file, set_samples, shorten_answers, upload
from tests.browser.viewing import pixels, shows
from tests.browser.waiting import settled
from tests.some import some

pytestmark = pytest.mark.browser


def test_one_click_on_the_first_page_leads_to_the_map_of_a_sample(visitor):
    page = visitor("/")
    settled(page)
    # Anywhere on the card, and not only on its button.
    page.locator(".st-key-card-home-scene-1").click(position={"x": 20, "y": 20})
    shows(page)
    expect(page).to_have_url(re.compile("/compute.*run="))
    run = re.search("run=([0-9a-f]{16})", page.url)[1]

    # It is a card on the first page from then on, for everybody.
    home = visitor("/")
    settled(home)
    home.locator(f".st-key-card-latest-{run}").click(position={"x": 20, "y": 20})
    shows(home)
    assert run in home.url


@pytest.mark.parametrize("key", ["Control+Enter", "Meta+Enter"])
def test_a_picture_is_shown_large_at_once_and_a_key_in_the_prompt_runs(visitor, key):
    page = visitor("/compute")
    upload(page, scene_file(1_700_050))
    large = page.locator(".st-key-large-pictures img")
    expect(large).to_be_visible()
    assert large.bounding_box()["width"] > 300
    expect(page.get_by_text("Ask something about your picture under")).to_be_visible()
    shorten_answers(page, 3)
    settled(page)
    box = page.get_by_label("Prompt", exact=True)
    box.fill(f"What is here, by {key}?")
    box.press(key)
    shows(page)
    expect(page.locator(".st-key-answer-panel").get_by_text(f"What is here, by {key}?")).to_be_visible()


def test_leaving_the_prompt_runs_nothing(visitor):
    page = visitor("/compute")
    upload(page, scene_file(1_700_050))
    expect(page.locator(".st-key-large-pictures img")).to_be_visible()
    box = page.get_by_label("Prompt", exact=True)
    box.fill("Nobody asks this")
    box.blur()
    expect(page.get_by_text("Press Run on the left to ask about your picture.")).to_be_visible()
    settled(page)
    assert "run=" not in page.url


def test_a_click_on_a_token_keeps_the_page_while_it_is_computed(visitor):
    page = visitor("/compute")
    upload(page, scene_file(1_700_051))
    shorten_answers(page, 4)
    settled(page)
    box = page.get_by_label("Prompt", exact=True)
    box.fill("Where is what?")
    box.press("Control+Enter")
    shows(page)
    said = answer(page)
    choose(page, "Method", "Occlusion")  # slow enough to be seen
    set_samples(page, 1000)
    settled(page)
    top = page.locator(".st-key-answer-panel").bounding_box()["y"]
    page.get_by_role("button", name="Run", exact=True).click()
    cancel = page.locator(".st-key-beside").get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible()
    assert answer(page) == said
    expect(page.locator(".st-key-before .viewer[data-shown='combined']")).to_be_visible()
    settled(page)
    assert abs(page.locator(".st-key-answer-panel").bounding_box()["y"] - top) < 1  # nothing has moved
    cancel.click()
    expect(page.get_by_text("The run was stopped").first).to_be_visible()
    expect(page.locator("[class*=st-key-cancel-]")).to_have_count(0)


def test_a_server_that_is_gone_is_told_in_plain_words(visitor, tmp_path):
    with server(tmp_path) as address:
        pages = [visitor(f"{address}/{name}") for name in ("", "compute", "history")]
        for page in some(pages):
            expect(page.get_by_role("link", name="History", exact=True)).to_be_visible()
            settled(page)
            expect(page.get_by_role("alert").filter(has_text=SENTENCE)).to_have_count(0)
        port = int(address.rpartition(":")[2])
    for page in some(pages):
        expect(page.get_by_role("alert").filter(has_text=SENTENCE)).to_be_visible()
    # Streamlit's own dialog comes after some tries; it does not stand in the way.
    for page in some(pages):
        expect(page.get_by_text("Is Streamlit still running?")).to_have_count(1)
        expect(page.get_by_text("Is Streamlit still running?")).to_be_hidden()
    with server(tmp_path, port=port):
        for page in some(pages):
            expect(page.get_by_role("alert").filter(has_text=SENTENCE)).to_be_hidden()


def test_the_map_grows_where_it_will_be_and_nothing_moves(visitor):
    page = visitor("/compute")
    upload(page, scene_file(1_700_052))
    shorten_answers(page, 4)
    settled(page)
    set_samples(page, 50)
    settled(page)
    box = page.get_by_label("Prompt", exact=True)
    box.fill("Where does it grow?")
    box.press("Control+Enter")
    stage = page.locator(".viewer .stage")
    sentence = page.locator(".viewer .sentence")
    expect(sentence).to_have_text("The map will grow here.")
    place = stage.bounding_box()
    alone = pixels(page)
    expect(sentence).to_have_text(re.compile(r"^Mean of \d+ samples? so far\. "))
    assert (pixels(page) != alone).any()
    assert stage.bounding_box() == pytest.approx(place, abs=1)
    # What is looked at stays as it is while more samples come.
    page.locator(".viewer .method").select_option("gradient_deviation")
    viewer = page.locator(".viewer")
    expect(viewer).to_have_attribute("data-shown", re.compile("^gradient_deviation-"))  # at the next frame
    layer = viewer.get_attribute("data-shown")
    before = sentence.inner_text()
    expect(sentence).not_to_have_text(before)
    expect(viewer).to_have_attribute("data-shown", layer)
    expect(page.locator(".st-key-answer")).to_be_visible()
    expect(page.locator("[class*=st-key-cancel-]")).to_have_count(0)
    expect(viewer).to_have_attribute("data-shown", layer)
    settled(page)
    assert stage.bounding_box() == pytest.approx(place, abs=1)
