"""Looking at a result in a real browser: every control of the view, and the address that carries them all."""

import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.test_dashboard import (
    ask,
    choose,
    download,
    scene_file,
    set_samples,
    shorten_answers,
    upload,
)
from tests.browser.waiting import becomes, open_context, settled, ticked

pytestmark = pytest.mark.browser

OVERLAY = "img[alt$='over the picture']"
SHOWN = "\n".join(
    [
        "images => Promise.all(images.map(async image => {",
        "    const bytes = await (await fetch(image.src)).arrayBuffer()",
        "    const digest = await crypto.subtle.digest('SHA-256', bytes)",
        "    return [image.alt, ...new Uint8Array(digest)].join(' ')",
        "}))",
    ]
)
"""Alt text and digest of each picture's bytes, as the browser has them."""


@pytest.fixture(scope="module")
def run_address(chromium, address) -> str:
    """A stored run of every layer."""
    page = open_context(chromium, viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/compute")
    upload(page, scene_file(1_700_301))
    expect(page.get_by_text("my scene.png").first).to_be_visible()
    settled(page)
    choose(page, "Noise samples", "Quick")
    shorten_answers(page, 4)
    ask(page, "Where is the circle?")
    expect(page.get_by_text("Combined map over the picture")).to_be_visible()
    yield page.url
    page.context.close()


def slide(page: Page, name: str, *keys: str) -> None:
    slider = page.get_by_role("slider", name=name)
    before = slider.get_attribute("aria-valuenow")
    for key in keys:
        slider.press(key)  # finds it anew: it may have been drawn again since the last key
    expect(slider).not_to_have_attribute("aria-valuenow", before)
    settled(page)


def title(page: Page, layer: int) -> None:
    expect(page.get_by_text(f"Layer {layer} over the picture")).to_be_visible()


def test_keys_go_through_the_layers_but_not_while_somebody_types(visitor, run_address):
    page = visitor(f"{run_address}&layer=5&map=One layer")
    title(page, 5)
    expect(page.locator(".tile")).to_have_count(8)
    settled(page)
    page.locator("body").press("l")
    title(page, 6)
    page.keyboard.press("j")
    title(page, 5)
    page.keyboard.press("j")
    title(page, 4)
    settled(page)
    page.get_by_label("Prompt", exact=True).press_sequentially("jkl")
    settled(page)
    title(page, 4)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_a_film_runs_to_the_last_layer_and_can_be_paused(visitor, run_address):
    page = visitor(f"{run_address}&layer=0&map=One layer")
    title(page, 0)
    settled(page)
    play, pause = (page.get_by_role("button", name=name) for name in ("Play", "Pause"))
    layer = page.get_by_text(re.compile(r"^Layer \d over the picture$"))
    pauses = "[...document.querySelectorAll('button')].find(each => each.innerText.trim() === 'Pause')"
    for _ in range(5):
        play.click()
        becomes(page, f"{pauses} || document.body.innerText.includes('Layer 7 over the picture')")
        page.evaluate(f"{pauses}?.click()")
        ticked(page, 1500)  # what was under way when it was paused has come by then
        # A film of three seconds may be over before a busy server hears of the click, and then begins once more.
        if not pause.count() and "Layer 7" not in layer.inner_text():
            break
        expect(play).to_be_visible()
        settled(page)
    stopped = layer.inner_text()
    ticked(page, 1500)  # a film's next look at the clock is due every 400 ms
    assert layer.inner_text() == stopped
    page.keyboard.press("k")
    title(page, 7)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    title(visitor(page.url), 7)


def test_a_tile_opens_its_layer_by_mouse_and_by_keyboard(visitor, run_address):
    page = visitor(run_address)
    tiles = page.locator(".tile")
    expect(tiles).to_have_count(8)
    expect(tiles.nth(3).locator("img")).to_have_attribute("alt", "Heat of layer 3")
    settled(page)
    tiles.nth(3).click()
    title(page, 3)
    settled(page)
    tiles.nth(6).focus()
    page.keyboard.press("Enter")
    title(page, 6)
    title(visitor(page.url), 6)


def test_the_address_carries_the_whole_view(visitor, run_address):
    page = visitor(run_address)
    expect(page.get_by_text("Combined map over the picture")).to_be_visible()
    settled(page)
    page.locator(".st-key-map").get_by_text("One layer").click()
    settled(page)
    slide(page, "Layer", "Home", "ArrowRight", "ArrowRight", "ArrowRight")
    slide(page, "Opacity", "ArrowRight", "ArrowRight")
    slide(page, "Hide heat below", *["ArrowRight"] * 4)
    choose(page, "Colours", "viridis")
    settled(page)
    choose(page, "Cells", "blocky")
    settled(page)
    choose(page, "Colour scale", "common")
    settled(page)
    page.locator(".st-key-panes").get_by_text("picture").click()
    settled(page)
    page.locator(".st-key-pieces").get_by_text("words").click()
    settled(page)
    page.locator(".st-key-marks").get_by_text("Fade what is uncertain").click()
    settled(page)
    title(page, 3)
    for name in ("map", "layer", "opacity", "threshold", "colormap", "cells", "scale", "panes", "pieces", "marks"):
        assert f"{name}=" in page.url, name

    page.locator(".st-key-share button").first.click()
    shared = page.locator("[data-testid=stPopoverBody] [data-testid=stCode]").first.inner_text().strip()
    assert shared == page.url
    codes = page.locator("[data-testid=stPopoverBody] [data-testid=stCode]")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for number, begin in enumerate((shared, "Where is the circle?", "python -m core", "from core")):
        codes.nth(number).hover()
        codes.nth(number).get_by_role("button").first.click()
        expect(codes.nth(number).get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(begin) and (number > 1 or copied == begin)
    page.keyboard.press("Escape")

    other = visitor(shared)
    title(other, 3)
    for each in (page, other):
        expect(each.locator(".tile")).to_have_count(8)
        expect(each.locator("img[alt^='The picture']")).to_be_visible()
        settled(each)
    pictures = f"{OVERLAY}, img[alt^='The picture'], .tile img"
    mine, theirs = (each.locator(pictures).evaluate_all(SHOWN) for each in (page, other))
    assert len(mine) == 10 and mine == theirs
    size = "image => [image.clientWidth, image.clientHeight]"
    assert other.locator(OVERLAY).evaluate(size) == page.locator(OVERLAY).evaluate(size)
    expect(other.locator(".chips[aria-label='Words of the answer']")).to_be_visible()
    assert other.url == page.url


def test_a_link_to_a_layer_goes_on_naming_it(visitor, run_address):
    page = visitor(f"{run_address}&layer=5")
    title(page, 5)
    expect(page).to_have_url(re.compile("map=One"))
    settled(page)
    slide(page, "Layer", "ArrowRight")
    title(page, 6)
    other = visitor(page.url)
    title(other, 6)


def test_a_captioned_picture_tables_and_a_zip_are_taken_away(visitor, run_address):
    page = visitor(f"{run_address}&layer=5&map=One layer")
    title(page, 5)
    settled(page)
    for extra in ("colour bar", "caption"):
        page.locator(".st-key-png-extras").get_by_text(extra, exact=True).click()
        settled(page)
    width, height = Image.open(io.BytesIO(scene_file(1_700_301)["buffer"])).size
    picture = Image.open(io.BytesIO(download(page, "PNG")))
    assert picture.format == "PNG" and picture.width >= width and picture.height > height
    assert download(page, "CSV").decode().startswith("method,layer,row,column,heat,stderr\n")
    with np.load(io.BytesIO(download(page, "NPZ")), allow_pickle=False) as numbers:
        assert {"heat", "stderr", "layers"} <= set(numbers.files)
    with zipfile.ZipFile(io.BytesIO(download(page, "ZIP"))) as archive:
        assert {"picture.png", "reproduce.sh", "reproduce.py", "heat.csv", "tokens.csv"} <= set(archive.namelist())


def test_a_cell_of_the_raw_map_says_its_numbers(visitor, run_address):
    page = visitor(f"{run_address}&layer=5&map=One layer")
    title(page, 5)
    settled(page)
    page.locator(".st-key-heat-chart .nsewdrag").first.hover()
    expect(page.locator(".st-key-heat-chart .hoverlayer .hovertext")).to_have_text(
        re.compile(r"row \d+, column \d+heat \S+ ± \S+")
    )


def test_a_tablet_shows_everything(visitor, run_address):
    page = visitor(run_address, viewport={"width": 820, "height": 1180})
    expect(page.get_by_text("Combined map over the picture")).to_be_visible()
    set_samples(page, 1000)
    badge = page.locator(".st-key-ask").get_by_text("4 of 1000 samples stored, 996 to compute")
    expect(badge).to_be_visible()
    assert badge.evaluate("badge => badge.scrollWidth <= badge.clientWidth")
    last, name = page.get_by_role("link", name="History", exact=True), page.get_by_role("button", name="Your name")
    assert last.bounding_box()["x"] + last.bounding_box()["width"] <= name.bounding_box()["x"]


@pytest.mark.parametrize("width", [820, 1024, 1280, 1920])
def test_nothing_is_cut_off_and_every_picture_is_described(visitor, run_address, width):
    address = f"{run_address}&layer=5&map=One layer&panes=picture&panes=overlay&panes=raw"
    page = visitor(address, viewport={"width": width, "height": 900})
    title(page, 5)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".stMain img:not([alt])").count() == 0
    cut = page.locator(".stMain button, .stMain label p").evaluate_all(
        "all => all.filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 2).map(e => e.innerText)"
    )
    assert cut == []
