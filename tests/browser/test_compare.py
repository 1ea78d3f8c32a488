"""Compare in a real Chromium: what only a browser does with charts, pictures and files.

The runs are made by hand and put into the store before the server starts, so that nothing is computed here.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from core import Answer, ExplainRequest, ExplainResult, Token, load_picture
from core.models.checkpoints import describe_model
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs.persist import keep
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage
from tests.browser.serving import server
from tests.browser.waiting import becomes, open_context, settled

pytestmark = pytest.mark.browser

LAYERS, GRID = 12, (8, 12)
LAYOUT = "document.querySelector('.st-key-compare-chart .js-plotly-plot')._fullLayout"


@pytest.fixture(scope="module")
def compare(tmp_path_factory) -> Iterator[str]:
    """The address of Compare with two runs on it, about one picture, on a server of its own."""
    folder = tmp_path_factory.mktemp("compare")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMOOTHCAM_DATA_FOLDER", str(folder / "data"))
        storage = open_storage(Settings())
    names = [_put(storage, "Where is it?", 0), _put(storage, "<b>Why?</b>", 1)]
    with server(folder) as address:
        yield f"{address}/compare?runs={','.join(names)}"


def _put(storage, prompt: str, seed: int) -> str:
    data = io.BytesIO()
    Image.fromarray(np.full((224, 336, 3), (90, 120, 150), np.uint8)).save(data, "PNG")
    card, picture = describe_model(device="cpu"), load_picture(data.getvalue())
    request = ExplainRequest(
        image=picture.digest, model=card.fingerprint, prompt=prompt, layers=tuple(range(LAYERS)), seed=seed
    )
    question = Question(request, ChosenPicture("plain.png", data.getvalue(), picture), card)
    rng, parts = np.random.default_rng(seed), []
    for part in whole_run(request):
        # A hot cell that wanders to the right.
        heat = rng.random((len(part.maps), *GRID)).astype(np.float32)
        for number in range(len(heat)):
            heat[number, 4, number % GRID[1]] += 20
        answer = Answer("here", (Token(1, "here", 0.9, (), 0, 4),))
        parts.append(ExplainResult(part, answer, heat, heat, 10, LAYERS, {"answer": 0.1, "samples": 0.1}))
    outcome = keep(question, gather(parts), storage, seconds=1.0)
    assert outcome.kept
    return outcome.id


def at(element: Locator, x: float, y: float) -> tuple[float, float]:
    """The place on the screen that lies so far right and down in an element, as shares of its size."""
    box = element.bounding_box()
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def drag(page: Page, element: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    element.scroll_into_view_if_needed()
    page.mouse.move(*at(element, *start))
    page.mouse.down()
    page.mouse.move(*at(element, *end), steps=8)
    page.mouse.up()


def test_a_click_on_a_layer_moves_every_picture_and_the_address(visitor, compare):
    page = visitor(compare)
    points = page.locator(".st-key-compare-chart .scatterlayer .points path")
    expect(points).to_have_count(2 * LAYERS)
    points.nth(5).scroll_into_view_if_needed()
    page.mouse.move(*at(points.nth(5), 0.5, 0.5))
    expect(page.locator(".st-key-compare-chart .hoverlayer")).to_contain_text("layer 5")
    page.mouse.click(*at(points.nth(5), 0.5, 0.5))
    for letter in "AB":
        expect(page.locator(f".st-key-side-{letter}").get_by_text(f"{letter}, layer 5")).to_be_visible()
    expect(page).to_have_url(re.compile("at=5"))
    other = visitor(page.url)
    expect(other.get_by_text("B, layer 5")).to_be_visible()
    # The prompt is shown as it is.
    expect(other.locator(".st-key-compare-chart .legendtext").nth(1)).to_contain_text("<b>Why?</b>")


def test_maps_zoom_together_stay_zoomed_in_another_layer_and_one_slides_over_the_other(visitor, compare, tmp_path):
    page = visitor(f"{compare}&show=A against B&at=3")
    view, glasses = page.locator(".st-key-pair-view .panes"), page.locator(".st-key-pair-view .glass")
    pictures = glasses.locator("img")
    expect(glasses).to_have_count(3)
    expect(page.locator(".st-key-swipe img")).to_have_count(2)
    settled(page)  # what is drawn above moves the pictures away from under the pointer
    glasses.first.scroll_into_view_if_needed()
    # Cell (4, 3) of 8 rows and 12 columns is the hot one, in the picture at 3.5 / 12 and 4.5 / 8.
    hot = glasses.first.locator("xpath=..").locator(".said")
    told = re.compile(r"x 0\.29, y 0\.56: 20\.\d+")
    for _ in range(10):  # what is still being drawn above the pictures moves them away from under the pointer
        page.mouse.move(5, 5)
        page.mouse.move(*at(glasses.first, 3.5 / 12, 4.5 / 8))
        settled(page)
        if told.search(hot.inner_text()):
            break
    expect(hot).to_have_text(told)
    expect(glasses.nth(1).locator("xpath=..").locator(".said")).to_have_text(re.compile(r"x 0\.29, y 0\.56: 20\.\d+"))
    for _ in range(5):
        page.mouse.wheel(0, -100)
    expect(view).to_have_attribute("data-scale", re.compile(r"^3\.05"))
    moved = "all => all.map(each => each.style.transform)"
    before = pictures.evaluate_all(moved)
    assert len(set(before)) == 1
    # What was under the pointer still is.
    expect(hot).to_have_text(re.compile(r"x 0\.29, y 0\.56"))
    shown = pictures.first.get_attribute("src")
    page.mouse.move(5, 5)
    page.locator(".st-key-at input").press("ArrowRight")
    expect(page.get_by_text("A, layer 4").first).to_be_visible()
    expect(pictures.first).not_to_have_attribute("src", shown)
    assert pictures.evaluate_all(moved) == before
    drag(page, glasses.nth(2), (0.5, 0.5), (0.4, 0.4))
    after = pictures.evaluate_all(moved)
    assert len(set(after)) == 1 and after != before
    page.get_by_role("button", name="Whole picture").click()
    expect(view).to_have_attribute("data-scale", "1.000")
    assert Image.open(taken(page, "Picture PNG", tmp_path / "pair.png")).width > 3 * 600
    page.get_by_role("slider", name="Edge between the two maps").fill("30")
    expect(page.locator(".st-key-swipe .over")).to_have_css("clip-path", re.compile(r"70%"))
    blink = page.get_by_role("button", name="Blink")
    blink.click()
    expect(blink).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".st-key-swipe .over")).to_have_css("visibility", "hidden")


def test_the_layer_is_marked_in_a_chart_that_keeps_its_zoom(visitor, compare):
    page = visitor(f"{compare}&statistic=All, small&at=3")
    chart, marks = page.locator(".st-key-compare-chart"), page.locator(".st-key-compare-chart .layer-mark")
    expect(marks).to_have_count(15)
    drag(page, chart.locator(".nsewdrag").first, (0.1, 0.2), (0.7, 0.8))
    becomes(page, f"{LAYOUT}.xaxis.range[0] > 0.1")
    zoomed = page.evaluate(f"{LAYOUT}.xaxis.range")
    marked_at(page, 3)
    page.locator(".st-key-at input").press("ArrowRight")
    expect(page.get_by_text("A, layer 4").first).to_be_visible()
    assert page.evaluate(f"{LAYOUT}.xaxis.range") == zoomed
    marked_at(page, 4)


def marked_at(page: Page, layer: int) -> None:
    """Waits until the mark stands where the layer stands in the zoomed chart, to a pixel and a half."""
    there = (
        "document.querySelector('.st-key-compare-chart .svg-container').getBoundingClientRect().x"
        f" + {LAYOUT}.xaxis._offset + {LAYOUT}.xaxis.l2p({layer})"
    )
    mark = "document.querySelector('.st-key-compare-chart .layer-mark').getBoundingClientRect().x"
    becomes(page, f"Math.abs({mark} - ({there})) <= 1.5")


def test_a_drawn_region_is_measured_and_kept_in_the_address(visitor, compare):
    page = visitor(f"{compare}&show=Region&at=2")
    canvas = page.locator(".st-key-region-canvas .nsewdrag").first
    expect(canvas).to_be_visible()
    settled(page)
    drag(page, canvas, (0.1, 0.4), (0.5, 0.8))
    expect(page.locator(".st-key-region-chart .scatterlayer .trace").first).to_be_visible()
    expect(page).to_have_url(re.compile("region="))
    corners = [float(each) for each in re.findall(r"0\.\d{3}", page.url.split("region=")[1])]
    assert corners == pytest.approx([0.1, 0.4, 0.5, 0.8], abs=0.03)
    page.reload()
    expect(page.locator(".st-key-region-chart .scatterlayer .trace").first).to_be_visible()
    page.get_by_role("button", name="Remove the region").click()
    expect(page.get_by_text("Draw a region to see")).to_be_visible()
    expect(page).not_to_have_url(re.compile("region="))


def test_a_film_plays_by_itself_is_taken_away_and_leads_to_a_layer(visitor, compare, tmp_path):
    page = visitor(f"{compare}&show=Film&at=3")
    title = page.locator(".st-key-film-view output")
    expect(title).to_have_text("layer 3")
    # Each layer stands for less time than `expect` may wait between two looks.
    title.evaluate(
        """title => {
            window.shown = []
            new MutationObserver(() => window.shown.push(title.textContent)).observe(title, { childList: true })
        }"""
    )
    page.get_by_role("button", name="Play", exact=True).click()
    becomes(page, "window.shown.includes('layer 7')")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("slider", name="Place in the film").fill("9")
    expect(title).to_have_text("layer 9")
    assert Image.open(taken(page, "Film WebP", tmp_path / "film.webp")).n_frames == LAYERS
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("A, layer 9")).to_be_visible()
    expect(page).to_have_url(re.compile("at=9"))


def taken(page: Page, button: str, path: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    download.value.save_as(path)
    return path


@pytest.mark.parametrize(("tab", "button"), [("Depth", "Chart HTML"), ("Report", "Report HTML")])
def test_files_open_without_network_and_ask_for_nothing(visitor, compare, chromium: Browser, tmp_path, tab, button):
    page = visitor(f"{compare}&show={tab}&at=4")
    expect(page.get_by_role("button", name=button)).to_be_visible()
    path = taken(page, button, tmp_path / "file.html")
    context = open_context(chromium, offline=True)
    alone, asked, said = context.new_page(), [], []
    alone.on("request", lambda request: asked.append(request.url))
    alone.on("console", lambda message: said.append(message.text))
    alone.on("pageerror", lambda error: said.append(str(error)))
    alone.goto(path.as_uri())
    expect(alone.locator(".scatterlayer .trace").first).to_be_visible()
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [path.as_uri()] and said == []
    alone.locator(".js-plotly-plot").first.hover()
    buttons = alone.locator(".js-plotly-plot").first.locator("[data-title]")
    assert not [title for title in buttons.evaluate_all("all => all.map(b => b.dataset.title)") if "hare" in title]
    with alone.expect_download() as download:
        buttons.first.click()
    download.value.save_as(tmp_path / "chart.png")
    assert Image.open(tmp_path / "chart.png").width > 500
    context.close()


def test_the_chart_on_the_page_is_taken_away_as_a_picture_and_as_numbers(visitor, compare, tmp_path):
    page = visitor(compare)
    chart = page.locator(".st-key-compare-chart .js-plotly-plot")
    expect(chart).to_be_visible()
    chart.hover()
    with page.expect_download() as download:
        chart.locator('[data-title*="PNG"]').click()
    download.value.save_as(tmp_path / "chart.png")
    assert Image.open(tmp_path / "chart.png").format == "PNG"
    rows = taken(page, "Numbers CSV", tmp_path / "numbers.csv").read_text("utf-8").splitlines()
    assert len(rows) == 1 + 2 * LAYERS and rows[0].startswith("run,layer")
