"""Compare in a real Chromium: what only a browser does with charts, pictures and files.

The runs are made by hand and put into the store before the server starts, so that nothing is computed here.
"""

import base64
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from core import Answer, ExplainRequest, ExplainResult, Token, load_picture
from core.models.checkpoints import describe_model
from core.rendering.difference import difference_overlay
from core.rendering.overlay import overlay
from core.schema import gather
from core.schema.run_requests import whole_run
from dashboard.jobs.persist import keep
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage
from tests.browser.serving import server
from tests.browser.test_heat import NEAR
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
    parts = []
    for part in whole_run(request):
        heat = heat_of(seed)[: len(part.maps)]
        answer = Answer("here", (Token(1, "here", 0.9, (), 0, 4),))
        parts.append(ExplainResult(part, answer, heat, heat, 10, LAYERS, {"answer": 0.1, "samples": 0.1}))
    outcome = keep(question, gather(parts), storage, seconds=1.0)
    assert outcome.kept
    return outcome.id


def heat_of(seed: int) -> np.ndarray:
    """The heat of every layer of a run: a hot cell that wanders to the right."""
    heat = np.random.default_rng(seed).random((LAYERS, *GRID)).astype(np.float32)
    for number in range(LAYERS):
        heat[number, 4, number % GRID[1]] += 20
    return heat


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


def panes_of(page: Page, shown: str = "3") -> Locator:
    """The panes of A against B, once they show a map: a layer, or "combined"."""
    panes = page.locator(f".st-key-pair-view .panes[data-shown='{shown}']:not([aria-busy])")
    expect(panes).to_be_visible()
    expect(panes.locator(".glass canvas")).to_have_count(3)
    settled(page)  # what is drawn above moves the panes away from under a pointer
    return panes


def seen(panes: Locator) -> list[np.ndarray]:
    """What is drawn of each, and of the two that lie over each other, uint8 [height, width, 3]."""
    drawn = panes.locator("canvas").evaluate_all("all => all.map(each => each.toDataURL('image/png'))")
    files = (io.BytesIO(base64.b64decode(each.partition(",")[2])) for each in drawn)
    return [np.asarray(Image.open(file).convert("RGB")) for file in files]


def drawn_anew(panes: Locator, act: Callable[[], object]) -> list[np.ndarray]:
    """Does something and waits until the panes have drawn again; what they show then."""
    before = panes.get_attribute("data-frames")
    act()
    expect(panes).not_to_have_attribute("data-frames", before)
    return seen(panes)


def slide(panes: Locator, name: str, value: float) -> None:
    """Puts a slider of the panes somewhere, as dragging does."""
    panes.locator(f"input.{name}").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')) }", value
    )


def test_every_change_of_the_view_of_two_runs_is_drawn_without_a_message_to_the_server(visitor, compare):
    page = visitor(f"{compare}&show=A against B&at=3")
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.reload()
    panes = page.locator(".st-key-pair-view .panes")
    looks = [seen(panes_of(page))]
    panes.get_by_role("button", name="More").click()
    before = len(sent)
    assert before
    for act in (
        lambda: slide(panes, "map", 7),
        lambda: slide(panes, "opacity", 0.4),
        lambda: slide(panes, "threshold", 10),
        lambda: panes.locator(".colormap").select_option("viridis"),
        lambda: panes.locator(".cells").select_option("blocky"),
        lambda: panes.locator(".scale").select_option("common"),
        lambda: panes.locator(".even").check(),
        lambda: panes.get_by_role("button", name="Zoom in").click(),
    ):
        looks.append(drawn_anew(panes, act))
        assert any((one != other).any() for one, other in zip(*looks[-2:], strict=True) if one.shape == other.shape)
    page.wait_for_timeout(500)
    assert len(sent) == before
    named = "at=3 opacity=0.4 threshold=10 colormap=viridis cells=blocky scale=common veil=even"
    assert all(each in page.url for each in named.split())
    # The next look begins as the address says.
    page.reload()
    panes_of(page)
    panes.get_by_role("button", name="More").click()
    expect(panes.locator(".colormap")).to_have_value("viridis")
    expect(panes.locator(".even")).to_be_checked()


def test_two_runs_and_their_difference_are_drawn_as_the_server_draws_them(visitor, compare):
    page = visitor(f"{compare}&show=A against B&at=3", device_scale_factor=1)
    first, second, differs, over_second, over_first = seen(panes_of(page))
    pixels = np.full((*first.shape[:2], 3), (90, 120, 150), np.uint8)
    heats = [heat_of(seed)[3] for seed in (0, 1)]
    for drawn, heat in zip((first, second), heats, strict=True):
        assert np.abs(drawn.astype(int) - overlay(pixels, heat)).max() <= NEAR
    grey = np.full_like(pixels, 128 + int((120 - 128) * 0.6))
    shares = [heat / heat.mean() for heat in heats]
    expected = difference_overlay(grey, shares[0] - shares[1])
    assert expected.std() > 5 and np.abs(differs.astype(int) - expected).max() <= NEAR
    pixels = np.full((*over_first.shape[:2], 3), (90, 120, 150), np.uint8)
    for drawn, heat in zip((over_first, over_second), heats, strict=True):
        assert np.abs(drawn.astype(int) - overlay(pixels, heat)).max() <= NEAR


def test_the_panes_follow_the_page_and_the_page_follows_them_when_asked(visitor, compare):
    page = visitor(f"{compare}&show=A against B&at=3")
    panes = page.locator(".st-key-pair-view .panes")
    panes_of(page)
    page.locator(".st-key-at input").press("ArrowRight")
    panes_of(page, "4")
    expect(page.get_by_text("In numbers, layer 4")).to_be_visible()
    look = panes.get_by_role("button", name="Look at it")
    expect(look).to_be_disabled()
    slide(panes, "map", 10)
    panes_of(page, "9")
    expect(panes.locator("figcaption")).to_have_text(["A, layer 9", "B, layer 9", "A less B"])
    expect(page.get_by_text("In numbers, layer 4")).to_be_visible()
    look.click()
    expect(page.get_by_text("In numbers, layer 9")).to_be_visible()
    for letter in "AB":
        expect(page.locator(f".st-key-side-{letter}").get_by_text(f"{letter}, layer 9")).to_be_visible()
    expect(page).to_have_url(re.compile("at=9"))
    expect(look).to_be_disabled()


def test_a_link_made_in_chinese_means_the_same_in_english(visitor, compare):
    page = visitor(f"{compare}&show=A against B&at=3", locale="zh-CN")
    panes = panes_of(page)
    expect(page.get_by_role("tab", name="A 与 B 对比")).to_be_visible()
    expect(panes.locator("figcaption").first).to_have_text("A，第 3 层")
    expect(panes.get_by_role("button", name="整张图片")).to_be_visible()
    slide(panes, "opacity", 0.5)
    page.locator(".st-key-at input").press("ArrowRight")
    panes_of(page, "4")
    expect(page).to_have_url(re.compile("at=4"))
    expect(page).to_have_url(re.compile("opacity=0.5"))
    page.get_by_role("tab", name="动画").click()
    title = page.locator(".st-key-film-view output")
    expect(title).to_have_text("第 4 层")
    expect(page).to_have_url(re.compile("show=Film"))
    page.get_by_role("button", name="播放", exact=True).click()
    expect(page.get_by_role("button", name="暂停")).to_be_visible()
    english = visitor(page.url, locale="en-US")
    expect(english.locator(".st-key-film-view output")).to_have_text("layer 4")
    expect(english.get_by_text("A, layer 4").first).to_be_visible()


def test_maps_zoom_together_stay_zoomed_in_another_layer_and_one_slides_over_the_other(visitor, compare, tmp_path):
    page = visitor(f"{compare}&show=A against B&at=3")
    panes, glasses = panes_of(page), page.locator(".st-key-pair-view .glass")
    glasses.first.scroll_into_view_if_needed()
    # Cell (4, 3) of 8 rows and 12 columns is the hot one, in the picture at 3.5 / 12 and 4.5 / 8.
    hot, other = (glasses.nth(number).locator("xpath=..").locator(".said") for number in (0, 1))
    told = re.compile(r"x 0\.29, y 0\.56: 20\.\d+ \(logits\)")
    for _ in range(10):  # what is still being drawn above the panes moves them away from under the pointer
        page.mouse.move(5, 5)
        page.mouse.move(*at(glasses.first, 3.5 / 12, 4.5 / 8))
        settled(page)
        if told.search(hot.inner_text()):
            break
    expect(hot).to_have_text(told)
    expect(other).to_have_text(told)
    whole = seen(panes)
    for _ in range(5):
        page.mouse.wheel(0, -100)
    expect(panes).to_have_attribute("data-scale", re.compile(r"^3\.05"))
    near = seen(panes)
    assert all((one != other).any() for one, other in zip(whole, near, strict=True))
    # What was under the pointer still is.
    expect(hot).to_have_text(re.compile(r"x 0\.29, y 0\.56"))
    page.mouse.move(5, 5)
    page.locator(".st-key-at input").press("ArrowRight")
    panes = panes_of(page, "4")
    expect(panes).to_have_attribute("data-scale", re.compile(r"^3\.05"))
    before = seen(panes)
    drag(page, glasses.nth(2), (0.5, 0.5), (0.4, 0.4))
    settled(page)
    assert all((one != other).any() for one, other in zip(before, seen(panes), strict=True))
    panes.get_by_role("button", name="Whole picture").click()
    expect(panes).to_have_attribute("data-scale", "1.000")
    assert Image.open(taken(page, "Picture PNG", tmp_path / "pair.png")).width > 3 * 600
    panes.get_by_role("slider", name="Edge between the two maps").fill("30")
    expect(panes.locator(".over")).to_have_css("clip-path", re.compile(r"70%"))
    blink = panes.get_by_role("button", name="Blink")
    blink.click()
    expect(blink).to_have_attribute("aria-pressed", "true")
    expect(panes.locator(".over")).to_have_css("visibility", "hidden")


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
