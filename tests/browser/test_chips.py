"""The answer as chips, in a real browser: colours, keyboard, clicks, and text that is never markup."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_dashboard import ask, choose, scene_file, shorten_answers, upload
from tests.browser.viewing import shows
from tests.browser.waiting import open_context, settled

pytestmark = pytest.mark.browser

PLANTED = "<script>planted=1</script> <img src=x onerror=planted=1> **bold** :material/home: $x^2$ [a](javascript:b)"

# The contrast of each chip's text with what it stands on, by the formula of WCAG 2.
CONTRASTS = """bar => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
    const rgb = (colour) => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1)
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
    }
    const light = (colour) => {
        const [r, g, b] = rgb(colour).map(v => v / 255).map(v => v < 0.04 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    return [...bar.querySelectorAll(".chip")].map(chip => {
        const style = getComputedStyle(chip)
        const [one, other] = [light(style.color), light(style.backgroundColor)].sort((a, b) => b - a)
        return (one + 0.05) / (other + 0.05)
    })
}"""


@pytest.fixture(scope="module")
def run_address(chromium, address) -> str:
    """A run whose answer is somebody's sentence, full of what could be taken for markup."""
    page = open_context(chromium, viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/compute")
    upload(page, scene_file(1_700_101))
    expect(page.get_by_text("my scene.png").first).to_be_visible()
    settled(page)
    choose(page, "Noise samples", "Quick")
    settled(page)
    choose(page, "What is explained", "A sentence of mine")
    sentence = page.get_by_label("Your sentence", exact=True)
    sentence.fill(PLANTED)
    sentence.blur()
    ask(page, "What is here?")
    shows(page)
    yield page.url
    page.context.close()


def chips(page: Page):
    return page.locator(".chips .chip:not(.whole)")


def test_text_on_chips_is_never_markup(visitor, run_address):
    page = visitor(run_address)
    page.locator(".st-key-answer button.kind").click()
    expect(page).to_have_url(re.compile("pieces=words"))
    expect(page.locator(".chips[aria-label='Words of the answer']")).to_be_visible()
    shown = "".join(chips(page).all_inner_texts())
    assert all(planted in shown for planted in ("<script>", "onerror", "**bold**", "$x^2$", "(javascript:b)"))
    assert page.evaluate("typeof planted") == "undefined"
    expect(page.locator(".chips script, .chips img, .chips a, .card img")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_chips_can_be_read(visitor, run_address, scheme):
    page = visitor(run_address, color_scheme=scheme, viewport={"width": 1024, "height": 768})
    expect(chips(page).first).to_be_visible()
    contrasts = page.locator(".chips").evaluate(CONTRASTS)
    assert len(contrasts) > 20 and min(contrasts) > 4.5


def test_chips_are_one_toolbar_for_the_keyboard(visitor, run_address):
    page = visitor(run_address)
    expect(chips(page).first).to_be_visible()
    settled(page)
    chips(page).first.focus()
    page.keyboard.press("ArrowRight")
    expect(chips(page).nth(1)).to_be_focused()
    expect(chips(page).nth(1)).to_have_attribute("aria-label", re.compile(r"token 1, probability .*Explain it alone"))
    assert chips(page).evaluate_all("all => all.filter(chip => chip.tabIndex === 0).length") == 1
    expect(page.locator(".card")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card .alone")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".card .rival:enabled").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(chips(page).nth(1)).to_be_focused()
    expect(page.locator(".card")).to_be_hidden()


def test_a_click_explains_one_token_and_a_rival_asks_why_not_it(visitor, address):
    page = visitor(f"{address}/compute")
    upload(page, scene_file(1_700_102))
    expect(page.get_by_text("my scene.png").first).to_be_visible()
    settled(page)
    choose(page, "Noise samples", "Quick")
    shorten_answers(page, 6)
    ask(page, "Describe this image.")
    shows(page)
    whole = page.url

    chips(page).nth(1).click()
    expect(page.locator(".st-key-answer").get_by_text("Explained: token 1")).to_be_visible()
    expect(page.locator(".chip[aria-current]")).to_have_count(1)
    expect(page.get_by_label("From token", exact=True)).to_have_value("1")
    alone = page.url
    assert alone != whole

    settled(page)
    chips(page).nth(2).hover()
    rival = page.locator(".card .rival:enabled").first
    word = rival.locator("bdi").inner_text()
    rival.click()
    expect(page.locator(".st-key-answer").get_by_text(f'rather than "{word}" at token 2')).to_be_visible()
    expect(page.get_by_label("Why this token", exact=True)).to_have_value("2")

    settled(page)
    page.locator(".chip.whole").click()
    expect(page.locator(".st-key-answer").get_by_text("Explained:")).to_have_count(0)
    expect(page.get_by_text("From the store")).to_be_visible()
    assert re.search("run=([0-9a-f]{16})", page.url)[1] == re.search("run=([0-9a-f]{16})", whole)[1]


def test_a_finger_sees_the_rivals_before_it_asks(visitor, run_address):
    page = visitor(run_address, has_touch=True, viewport={"width": 820, "height": 1180})
    expect(chips(page).first).to_be_visible()
    settled(page)
    chips(page).nth(1).tap()
    expect(page.locator(".card .alone")).to_be_visible()
    assert page.url == run_address
    page.locator(".card .alone").tap()
    expect(page.locator(".st-key-answer").get_by_text("Explained: token 1")).to_be_visible()
