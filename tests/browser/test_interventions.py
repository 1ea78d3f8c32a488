"""What if, in a real browser: a box is drawn, cells are clicked or reached by keys, and chips say what they rest on."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_dashboard import ask, choose, scene_file, upload
from tests.browser.viewing import shows
from tests.browser.waiting import open_context, settled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def run_address(chromium, address) -> str:
    """A stored run, with the tab open."""
    page = open_context(chromium, viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/compute")
    upload(page, scene_file(1_700_301))  # a cross at the top right
    expect(page.get_by_text("my scene.png").first).to_be_visible()
    settled(page)
    choose(page, "Noise samples", "Quick")
    ask(page, "Describe this image.")
    shows(page)
    settled(page)
    yield f"{page.url}&tab=What+if"
    page.context.close()


def stage(page: Page) -> Locator:
    """The picture to draw on, in the middle of the window."""
    found = page.locator(".st-key-what-if-of-run .stage")
    expect(found).to_be_visible()
    settled(page)
    found.evaluate("element => element.scrollIntoView({block: 'center'})")
    return found


def drag(page: Page, begin: tuple[float, float], end: tuple[float, float]) -> None:
    """Draws a box on the picture between two places of it, as shares of its size."""
    at = stage(page).bounding_box()
    first, second = ((at["x"] + x * at["width"], at["y"] + y * at["height"]) for x, y in (begin, end))
    page.mouse.move(*first)
    page.mouse.down()
    page.mouse.move(*second, steps=4)
    page.mouse.up()


def test_a_box_is_drawn_and_the_new_answer_stands_beside_the_old_one(visitor, run_address):
    page = visitor(run_address)
    expect(page.get_by_text("Nothing is chosen yet")).to_be_visible()
    drag(page, (0.55, 0.02), (0.98, 0.45))
    expect(page).to_have_url(re.compile(r"what-if=0\.5[45]"))
    page.get_by_role("button", name="Ask without this part").click()
    said = page.locator(".st-key-what-if-of-run")
    expect(said.get_by_text("changes with 3 of 3 fills")).to_be_visible()  # without the cross there is nothing to see
    for fill in ("blur", "mean", "noise"):
        expect(page.locator(f".st-key-what-if-{fill} img")).to_be_visible()
        expect(page.locator(f".st-key-what-if-{fill} strong").nth(1)).to_be_visible()  # a word that changed
    settled(page)
    # Where nothing is, nothing is lost; and what was asked before is opened again.
    drag(page, (0.05, 0.6), (0.35, 0.9))
    page.get_by_role("button", name="Ask without this part").click()
    expect(said.get_by_text("changes with 0 of 3 fills")).to_be_visible()
    settled(page)
    page.get_by_role("button", name=re.compile("3 of 3 changed")).click()
    expect(said.get_by_text("changes with 3 of 3 fills")).to_be_visible()
    settled(page)


def test_cells_are_chosen_by_clicks_and_by_keys(visitor, run_address):
    page = visitor(run_address)
    picture = stage(page)
    at = picture.bounding_box()
    for x in (0.05, 0.17):
        page.mouse.click(at["x"] + x * at["width"], at["y"] + 0.05 * at["height"])
    expect(page).to_have_url(re.compile("what-if=1%3A1-2|what-if=1:1-2"))
    settled(page)
    picture = stage(page)
    picture.focus()
    for key in ("ArrowDown", "ArrowDown", "Space"):  # the first of them begins in the middle
        page.keyboard.press(key)
    expect(picture).to_have_attribute("data-chosen", "3")
    expect(page).to_have_url(re.compile("what-if=1(%3A|:)1-2(%3B|;)6(%3A|:)5"))
    settled(page)
    stage(page).focus()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Nothing is chosen yet")).to_be_visible()
    expect(page).not_to_have_url(re.compile("what-if="))
    settled(page)


def test_chips_are_coloured_by_what_they_rest_on(visitor, run_address):
    page = visitor(run_address)
    page.get_by_role("button", name="Measure what the answer rests on").click()
    expect(page.locator(".st-key-reliance-chart")).to_be_visible()
    settled(page)
    chooser, bar = page.locator(".st-key-answer select.by"), page.locator(".chips")
    expect(chooser).to_be_visible()
    usual = bar.locator(".chip").first.evaluate("chip => getComputedStyle(chip).backgroundColor")
    chooser.select_option(label="Rests on the picture")
    expect(page).to_have_url(re.compile("chips=picture"))
    expect(bar).to_have_class(re.compile("resting"))
    chip = bar.locator(".chip").nth(5)
    expect(chip).to_have_attribute(
        "aria-label", re.compile(r": Rests on the picture, -?\d+\.\d\d nats\. Explain it alone")
    )
    assert bar.locator(".chip").first.evaluate("chip => getComputedStyle(chip).backgroundColor") != usual
    chip.hover()
    expect(page.locator(".card")).to_contain_text(
        re.compile(r"Picture -?\d+\.\d\d, question -?\d+\.\d\d, answer so far")
    )
    expect(page.locator(".card b")).to_contain_text(re.compile("this word", re.IGNORECASE))
