"""Looking at a result in a real browser: every control of the viewer, and the address that carries them all."""

import io
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.rendering.overlay import OPACITY
from tests.browser.test_dashboard import (
    ask,
    choose,
    download,
    scene_file,
    set_samples,
    shorten_answers,
    upload,
)
from tests.browser.viewing import more, pixels, shows, slide
from tests.browser.waiting import becomes, open_context, settled

pytestmark = pytest.mark.browser

LAYER = "gradient_deviation-{}"
FIRST_SCREEN = {(1440, 900): 0.4, (1024, 768): 0.3}
"""Share of the first screen that the map takes at least, by the window's size."""


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
    shows(page)
    yield page.url
    page.context.close()


@pytest.fixture
def messages():
    """Counts what a page sends to the server."""

    def watch(page: Page) -> list[object]:
        sent: list[object] = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
        return sent

    return watch


def drawn_anew(page: Page, act) -> None:
    """Does something and waits until the viewer has drawn again."""
    viewer = page.locator(".viewer")
    before = viewer.get_attribute("data-frames")
    act()
    expect(viewer).not_to_have_attribute("data-frames", before)


def test_every_change_of_the_view_is_drawn_without_a_message_to_the_server(visitor, run_address, messages):
    page = visitor("/")
    sent = messages(page)
    page.goto(run_address)
    shows(page)
    settled(page)
    more(page)
    before, seen = len(sent), [pixels(page)]
    view = page.locator(".viewer")
    for act in (
        lambda: slide(page, "layer", 3),
        lambda: slide(page, "opacity", 0.3),
        lambda: slide(page, "threshold", 30),
        lambda: view.locator(".colormap").select_option("jet"),
        lambda: view.locator(".cells").select_option("blocky"),
        lambda: view.locator(".cells").select_option("raw"),
        lambda: view.locator(".cells").select_option("smooth"),
        lambda: view.locator(".scale").select_option("common"),
        lambda: view.locator(".even").check(),
        lambda: view.locator(".fade").check(),
        lambda: view.locator(".larger").click(),
    ):
        drawn_anew(page, act)
        seen.append(pixels(page))
        assert (seen[-1] != seen[-2]).any(), len(seen)
    page.wait_for_timeout(500)
    assert len(sent) == before
    named = "map=gradient_deviation layer=2 opacity=0.3 threshold=30 colormap=jet scale=common veil=even zoom="
    assert all(each in page.url for each in f"{named} marks=uncertainty".split())


def test_a_colleague_with_the_link_sees_the_same(visitor, run_address):
    page = visitor(
        f"{run_address}&layer=5&opacity=0.6&threshold=20&colormap=viridis&cells=blocky&veil=even&zoom=2,0.4,0.6"
    )
    shows(page, LAYER.format(5))
    more(page)
    settled(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator(".viewer button.link").click()
    expect(page.locator(".viewer button.link")).to_have_text("Copied")
    other = visitor(page.evaluate("navigator.clipboard.readText()"))
    shows(other, LAYER.format(5))
    more(other)  # which leaves as much room for the map
    assert np.array_equal(pixels(page), pixels(other))
    # Links from before the viewer name the same map.
    for former in ("&layer=5", "&layer=5&map=One layer&panes=picture"):
        shows(visitor(run_address + former), LAYER.format(5))
    shows(visitor(f"{run_address}&layer=5&map=Combined map (recommended)"))


def test_the_share_that_differs_between_methods_is_that_of_their_maps(visitor, run_address):
    page = visitor(f"{run_address}&veil=even&opacity=1")
    combined = pixels(shows(page).page)
    drawn_anew(page, lambda: page.locator(".viewer .method").select_option("gradient_deviation"))
    other = pixels(page)
    assert (np.abs(combined.astype(int) - other).max(-1) > 8).mean() > 0.05


@pytest.mark.parametrize("size", FIRST_SCREEN)
def test_the_map_takes_most_of_the_first_screen(visitor, run_address, size):
    width, height = size
    page = visitor(run_address, viewport={"width": width, "height": height})
    shows(page)
    settled(page)
    box = page.locator(".viewer .stage").bounding_box()
    seen = min(box["x"] + box["width"], width) - box["x"], min(box["y"] + box["height"], height) - box["y"]
    assert seen[0] * seen[1] / (width * height) >= FIRST_SCREEN[size]
    sentence = page.locator(".viewer .sentence").bounding_box()
    assert sentence["y"] + sentence["height"] <= height


def test_keys_go_through_the_layers_zoom_move_and_show_the_picture_alone(visitor, run_address):
    page = visitor(f"{run_address}&layer=5")
    viewer, stage = shows(page, LAYER.format(5)), page.locator(".viewer .stage")
    settled(page)
    for key, layer in (("l", 6), ("ArrowRight", 7), ("ArrowRight", 7), ("j", 6), ("ArrowLeft", 5)):
        stage.press(key)
        shows(page, LAYER.format(layer))
    stage.press("+")
    expect(viewer).to_have_attribute("data-zoom", "1.250")
    before = pixels(page)
    drawn_anew(page, lambda: stage.press("ArrowRight"))
    assert (pixels(page) != before).any()
    shows(page, LAYER.format(5))
    stage.press("0")
    expect(viewer).to_have_attribute("data-zoom", "1.000")
    hot = pixels(page)
    stage.focus()
    drawn_anew(page, lambda: page.keyboard.down(" "))
    alone = pixels(page)
    drawn_anew(page, lambda: page.keyboard.up(" "))
    assert (alone != hot).any() and np.array_equal(pixels(page), hot)
    page.get_by_label("Prompt", exact=True).press_sequentially("jkl ")
    shows(page, LAYER.format(5))


def test_a_film_runs_to_the_last_layer_and_can_be_paused(visitor, run_address):
    page = visitor(f"{run_address}&layer=0")
    shows(page, LAYER.format(0))
    settled(page)
    play = page.locator(".viewer button.play")
    # A layer may stand for less time than `expect` waits between two looks.
    page.locator(".viewer").evaluate(
        """viewer => new Promise(done => {
            const play = viewer.querySelector("button.play")
            const look = () => viewer.dataset.shown.endsWith("-0") ? setTimeout(look, 10) : done(play.click())
            play.click()
            look()
        })"""
    )
    expect(play).to_have_attribute("aria-pressed", "false")
    assert not page.locator(".viewer").get_attribute("data-shown").endswith("-7")
    stopped = page.locator(".viewer").get_attribute("data-shown")
    page.wait_for_timeout(1000)
    assert page.locator(".viewer").get_attribute("data-shown") == stopped
    play.click()
    shows(page, LAYER.format(7))
    expect(play).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile("layer=7"))


def test_a_tile_opens_its_layer_by_mouse_and_by_keyboard(visitor, run_address):
    page = visitor(run_address)
    shows(page)
    more(page)
    page.locator(".viewer .tilesButton").click()
    tiles = page.locator(".viewer .tiles button")
    expect(tiles).to_have_count(8)
    tiles.nth(3).click()
    shows(page, LAYER.format(3))
    expect(tiles.nth(3)).to_have_attribute("aria-current", "true")
    tiles.nth(6).focus()
    page.keyboard.press("Enter")
    shows(page, LAYER.format(6))
    expect(tiles.nth(3)).to_have_attribute("aria-current", "false")


def test_a_cell_says_its_number_by_mouse_and_by_touch(visitor, run_address):
    said = re.compile(r"^row \d+, column \d+: \S+ ± \S+ logits, hotter than \d+ % of cells$")
    page = visitor(f"{run_address}&layer=5")
    shows(page, LAYER.format(5))
    settled(page)
    page.locator(".viewer .stage").hover(position={"x": 40, "y": 40})
    expect(page.locator(".viewer .tip")).to_have_text(said)
    page.mouse.move(1, 1)
    expect(page.locator(".viewer .tip")).to_have_text("")
    touched = visitor(f"{run_address}&layer=5", has_touch=True)
    shows(touched, LAYER.format(5))
    settled(touched)
    touched.locator(".viewer .stage").tap(position={"x": 40, "y": 40})
    expect(touched.locator(".viewer .tip")).to_have_text(said)


def test_what_is_looked_at_is_taken_away(visitor, run_address):
    page = visitor(f"{run_address}&layer=5")
    shows(page, LAYER.format(5))
    settled(page)
    slide(page, "layer", 3)  # known to the browser alone, until somebody takes something away
    shows(page, LAYER.format(2))
    expect(page).to_have_url(re.compile("layer=2"))
    width, height = Image.open(io.BytesIO(scene_file(1_700_301)["buffer"])).size
    with page.expect_download() as waiting:
        page.get_by_role("tab", name="Take away").click()
        page.get_by_role("button", name="Overlay PNG").click()
    assert "layer-02" in waiting.value.suggested_filename
    assert Image.open(waiting.value.path()).size == (width, height)
    slide(page, "layer", 4)  # with the files on the page, the server is told
    settled(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Overlay PNG").click()
    assert "layer-03" in waiting.value.suggested_filename
    for extra in ("colour bar", "caption"):
        page.locator(".st-key-png-extras").get_by_text(extra, exact=True).click()
        settled(page)
    picture = Image.open(io.BytesIO(download(page, "PNG")))
    assert picture.format == "PNG" and picture.width >= width and picture.height > height
    assert download(page, "CSV").decode().startswith("method,layer,row,column,heat,stderr\n")
    with np.load(io.BytesIO(download(page, "NPZ")), allow_pickle=False) as numbers:
        assert {"heat", "stderr", "layers"} <= set(numbers.files)
    with zipfile.ZipFile(io.BytesIO(download(page, "ZIP"))) as archive:
        assert {"picture.png", "reproduce.sh", "reproduce.py", "heat.csv", "tokens.csv"} <= set(archive.namelist())


def test_share_copies_address_prompt_and_lines(visitor, run_address):
    page = visitor(f"{run_address}&layer=5")
    shows(page, LAYER.format(5))
    settled(page)
    slide(page, "opacity", 0.2)
    expect(page).to_have_url(re.compile("opacity=0.2"))
    page.get_by_role("tab", name="Share").click()
    codes = page.locator("[data-testid=stTabs] [data-testid=stCode]")
    expect(codes).to_have_count(4)
    shared = codes.first.inner_text().strip()
    assert shared == page.url
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for number, begin in enumerate((shared, "Where is the circle?", "python -m core", "from core")):
        codes.nth(number).hover()
        codes.nth(number).get_by_role("button").first.click()
        expect(codes.nth(number).get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith(begin) and (number > 1 or copied == begin)


def test_a_tab_is_about_the_map_on_display(visitor, run_address):
    page = visitor(f"{run_address}&layer=5")
    shows(page, LAYER.format(5))
    settled(page)
    slide(page, "layer", 4)
    expect(page).to_have_url(re.compile("layer=3"))
    page.get_by_role("tab", name="Trust").click()
    expect(page.locator(".st-key-begin-trust-3")).to_be_visible()
    shows(page, LAYER.format(3))  # what the server has drawn since leaves it on display


def test_opacity_follows_the_heat_unless_a_veil_is_asked_for(visitor, run_address):
    page = visitor(f"{run_address}&layer=5")
    shows(page, LAYER.format(5))
    becomes(page, "true")
    hot = pixels(page).astype(int)
    page.locator(".viewer .stage").focus()
    drawn_anew(page, lambda: page.keyboard.down(" "))
    alone = pixels(page).astype(int)
    drawn_anew(page, lambda: page.keyboard.up(" "))
    more(page)
    drawn_anew(page, lambda: page.locator(".viewer .even").check())
    veiled = pixels(page).astype(int)
    untouched = [(np.abs(each - alone[: each.shape[0], : each.shape[1]]).max(-1) <= 3).mean() for each in (hot,)]
    assert untouched[0] > 0.3  # cold places are as bright as in the picture
    assert veiled.mean() < (1 - OPACITY / 2) * alone.mean()


def test_a_tablet_shows_everything(visitor, run_address):
    page = visitor(run_address, viewport={"width": 820, "height": 1180})
    shows(page)
    set_samples(page, 1000)
    badge = page.locator(".st-key-ask").get_by_text("4 of 1000 samples stored, 996 to compute")
    expect(badge).to_be_visible()
    assert badge.evaluate("badge => badge.scrollWidth <= badge.clientWidth")
    last, name = page.get_by_role("link", name="History", exact=True), page.get_by_role("button", name="Your name")
    assert last.bounding_box()["x"] + last.bounding_box()["width"] <= name.bounding_box()["x"]


@pytest.mark.parametrize("width", [820, 1024, 1280, 1920])
def test_nothing_is_cut_off_and_every_picture_is_described(visitor, run_address, width):
    page = visitor(f"{run_address}&layer=5", viewport={"width": width, "height": 900})
    shows(page, LAYER.format(5))
    more(page)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator(".stMain img:not([alt])").count() == 0
    cut = page.locator(".stMain button, .stMain label p, .viewer button, .viewer label").evaluate_all(
        "all => all.filter(e => e.offsetParent && e.scrollWidth > e.clientWidth + 2).map(e => e.innerText)"
    )
    assert cut == []
    bare = page.locator(".viewer button, .viewer select, .viewer input").evaluate_all(
        "all => all.filter(e => !(e.ariaLabel || e.innerText || e.labels?.length)).map(e => e.className)"
    )
    assert bare == []
