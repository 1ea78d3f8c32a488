"""A video's run in the viewer: time and layer are chosen in the browser, without a message to the server."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import expect

from dashboard.ui.drawing.maps import maps_of
from dashboard.ui.drawing.packet import pack
from dashboard.ui.drawing.scripts import LOOKING, joined
from dashboard.ui.viewer import viewer
from tests.browser.viewing import more, pixels, shows, slide
from tests.dashboard.video_runs import STEPS, square_frames, video_result

pytestmark = pytest.mark.browser

_TEST_PAGE = """<style>:root {{ --st-primary-color: #c33 }} {css}</style><div id="here">{html}</div>
<script type="module">{js}
window.told = []
window.again = () => (window.end = window.start({{ parentElement: document.querySelector("#here"),
  setTriggerValue: (...all) => window.told.push(all),
  data: Uint8Array.from(atob("{data}"), (each) => each.charCodeAt(0)) }}))
window.again()</script>"""


@pytest.fixture(scope="module")
def document():
    """A page that holds nothing but the viewer with a video's maps."""
    result = video_result()
    maps = list(maps_of(result))
    about = viewer.about_maps("a-run", result, [f"Map {number}." for number in range(len(maps))])
    return _TEST_PAGE.format(
        css=viewer.CSS,
        html=viewer.HTML,
        js=viewer.SCRIPT.replace("export default function", "window.start = function"),
        data=base64.b64encode(pack(square_frames(), maps, about)).decode(),
    )


@pytest.fixture
def watching(chromium, document):
    """Opens it: `watching("?step=2")`."""
    contexts = []

    def open_page(search: str = ""):
        contexts.append(chromium.new_context(viewport={"width": 1000, "height": 700}))
        page = contexts[-1].new_page()
        page.route("http://viewer.example/**", lambda route: route.fulfill(body=document, content_type="text/html"))
        page.goto(f"http://viewer.example/{search}")
        expect(page.locator(".viewer[data-shown]:not([aria-busy])")).to_be_visible()
        return page

    yield open_page
    for context in contexts:
        context.close()


def at_step(page, number: int) -> None:
    expect(page.locator(f".viewer .time[data-step='{number}']")).to_be_visible()


def hottest_column(page) -> int:
    """The column, of as many as there are steps, in which most colour lies over grey and white."""
    drawn = pixels(page).astype(int)
    colour = (drawn.max(2) - drawn.min(2)).sum(0)
    return int(colour.argmax() * STEPS / len(colour))


def test_time_and_layers_are_scrubbed_together_in_the_browser(watching):
    page = watching()
    at_step(page, 4)  # the hottest, where nobody chose
    assert hottest_column(page) == 3
    page.locator(".viewer .stage").focus()
    page.keyboard.press(".")
    at_step(page, 5)
    assert hottest_column(page) == 4
    page.keyboard.press("ArrowRight")
    shows(page, "gradient_deviation-0")
    at_step(page, 5)
    page.keyboard.press(",")
    page.keyboard.press(",")
    page.keyboard.press(",")
    at_step(page, 2)
    slide(page, "step", 0)
    at_step(page, 1)
    assert hottest_column(page) == 0
    strip = page.locator(".viewer .film").bounding_box()
    page.mouse.click(strip["x"] + strip["width"] * 5.5 / STEPS, strip["y"] + strip["height"] / 2)
    at_step(page, STEPS)
    expect(page.locator(".viewer .stepTitle")).to_have_text("step 6 of 6, 5 to 6 s")
    page.wait_for_function("location.search.includes('step=6') && location.search.includes('layer=0')")
    assert page.evaluate("told") == []


def test_an_address_opens_its_step_and_one_scale_holds_for_all(watching):
    page = watching("?step=2")
    at_step(page, 2)
    expect(page.locator(".viewer .highest")).to_have_text("2.01")
    dim = pixels(page)
    more(page)
    page.locator(".viewer input.alike").uncheck()
    expect(page.locator(".viewer .highest")).to_have_text("1.01")
    page.wait_for_function("location.search.includes('steps=own')")
    assert pixels(page).shape and dim.std() > 0
    expect(page.locator(".viewer .share")).to_contain_text("% of the heat")


def test_a_video_plays_to_its_end_and_stops(watching):
    page = watching("?step=5")
    page.locator(".viewer button.playTime").click()
    expect(page.locator(".viewer button.playTime")).to_have_attribute("aria-pressed", "true")
    at_step(page, 6)
    expect(page.locator(".viewer button.playTime")).to_have_attribute("aria-pressed", "false")


def test_a_view_that_ends_plays_no_more_and_the_next_one_plays_on(watching):
    page = watching("?step=1")
    at_step(page, 1)
    page.locator(".viewer button.playTime").click()
    page.evaluate("end()")
    page.wait_for_timeout(1500)  # longer than a step is shown
    at_step(page, 1)
    page.evaluate("void again()")  # the same maps, as when the page is drawn again
    at_step(page, 2)
    button = page.locator(".viewer button.playTime")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    page.wait_for_timeout(1500)
    at_step(page, 2)


def test_of_layers_a_view_that_ends_plays_no_more_and_the_next_one_plays_on(watching):
    page = watching("?layer=0")
    shown = page.locator(".viewer").get_attribute
    first = shown("data-shown")
    # It ends before the first layer has been shown for as long as each is.
    page.evaluate("document.querySelector('.viewer button.play').click(), end()")
    page.wait_for_timeout(1000)
    assert shown("data-shown") == first
    page.evaluate("void again()")
    expect(page.locator(".viewer")).not_to_have_attribute("data-shown", first)
    expect(page.locator(".viewer button.play")).to_have_attribute("aria-pressed", "false")  # at the last layer


def told(page, expression, *given):
    """What an expression of the scripts says."""
    script = joined(*LOOKING, Path(viewer.__file__).with_name("time.js"))
    return page.evaluate(f"(given) => {{ {script}\n return {expression} }}", list(given))


def test_a_strip_shows_as_many_frames_as_have_room(chromium):
    context = chromium.new_context()
    page = context.new_page()
    assert told(page, "slotsOf(...given)", 4, 400) == {"each": 1, "at": [0, 1, 2, 3]}
    assert told(page, "slotsOf(...given)", 5, 60) == {"each": 2, "at": [0, 2, 4]}
    assert len(told(page, "slotsOf(...given)", 384, 600)["at"]) == 24
    line = told(page, "lineOf(...given)", [0.25, 0.5], [0.25, 0.0])
    assert line["most"] == 0.5
    assert line["line"] == "0.5,0.5000 1.5,0.0000"
    assert line["band"] == "0.5,0.0000 1.5,0.0000 1.5,0.0000 0.5,1.0000"
    assert told(page, "lineOf(given[0], null)", [0.0, 0.0]) == {
        "most": pytest.approx(0),
        "line": "0.5,1.0000 1.5,1.0000",
        "band": "",
    }
    context.close()
