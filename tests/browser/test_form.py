"""The form in a real browser: few controls, one Advanced that says what it holds, and terms that are explained."""

import re

import pytest
from playwright.sync_api import Page, TimeoutError, expect

from tests.browser.controls import HEADER, PERSON, SIDEBAR, controls, question_marks
from tests.browser.test_dashboard import choose, open_advanced, run, set_samples
from tests.browser.waiting import settled
from tests.waiting import wait_until

pytestmark = pytest.mark.browser


def advanced(page: Page):
    return page.locator(".st-key-advanced details")


@pytest.fixture
def shown(visitor) -> Page:
    """A page with the result of a sample scene."""
    page = visitor("/compute")
    page.locator(".st-key-start-use-0 button").click()
    expect(page.get_by_text("Sample scene 1")).to_be_visible()
    run(page)
    expect(page.locator(".st-key-answer")).to_be_visible()
    settled(page)
    return page


def test_few_controls_stand_beside_a_result(shown):
    expect(advanced(shown)).not_to_have_attribute("open", re.compile(".*"))
    found = controls(shown, SIDEBAR, HEADER, PERSON)
    assert {"Prompt", "Run", "Scenes"} <= set(found)
    assert len(found) <= 8, found
    assert question_marks(shown, SIDEBAR, HEADER, PERSON) <= 2
    # What is counted is what is seen: the same places have many more once Advanced is open.
    open_advanced(shown)
    assert len(controls(shown, SIDEBAR, HEADER, PERSON)) >= 16


def test_advanced_says_what_differs_and_stays_open_meanwhile(visitor):
    page = visitor("/compute")
    title = advanced(page).locator("summary")
    expect(title).to_contain_text("Advanced: all as recommended")
    set_samples(page, 40)
    expect(title).to_contain_text("Advanced: 40 samples")
    noise = page.get_by_label("Noise", exact=True)
    noise.fill("0.4")
    noise.blur()
    expect(title).to_contain_text("Advanced: 40 samples, noise 0.4")
    expect(noise).to_be_visible()
    settled(page)
    title.click()
    expect(noise).to_be_hidden()
    settled(page)
    # Closed, it keeps what it holds, also when it is opened again.
    expect(title).to_contain_text("Advanced: 40 samples, noise 0.4")
    open_advanced(page)
    expect(noise).to_have_value("0.40")


def test_a_help_text_leads_to_the_glossary(visitor):
    page = visitor("/compute")
    open_advanced(page)
    link = page.get_by_role("link", name="tap", exact=True)

    def follow() -> Page | None:
        page.mouse.move(0, 0)
        page.get_by_role("button", name="Help for Tap").hover()
        try:
            with page.context.expect_page(timeout=10_000) as opened:
                link.click(timeout=5_000)
        except TimeoutError:  # what opens still moved, and went away before the pointer was there
            return None
        return opened.value

    glossary = wait_until(follow)
    expect(glossary).to_have_url(re.compile(r"/glossary#tap$"))
    settled(glossary)  # what comes late moves the heading, and it must be in sight then, too
    expect(glossary.get_by_role("heading", name="Tap", exact=True)).to_be_in_viewport()


@pytest.mark.parametrize("width", [1024, 1241])
def test_the_links_to_the_pages_leave_room_for_who_is_there(visitor, width):
    page = visitor("/compute", viewport={"width": width, "height": 768})
    last = page.get_by_role("link", name="Glossary", exact=True)
    expect(last).to_be_visible()
    settled(page)
    link, sign = (each.bounding_box() for each in (last, page.locator(".st-key-person-menu button").first))
    assert link["x"] + link["width"] <= sign["x"]


def test_in_another_language_everything_that_was_filled_in_stays(visitor):
    page = visitor("/compute")
    choose(page, "Method", "Grad-CAM (as")
    set_samples(page, 40)
    page.locator(".st-key-form-tap").get_by_text("output").click()
    settled(page)
    expect(advanced(page).locator("summary")).to_contain_text("Grad-CAM (as in the original), read at the output, 40")
    page.get_by_role("button", name="Your name").click()
    page.get_by_role("button", name="简体中文").click()
    title = advanced(page).locator("summary")
    expect(title).to_contain_text("高级：")
    settled(page)
    assert page.evaluate("document.documentElement.lang") == "zh-Hans"
    for part in ("在输出处读取", "40 个样本"):
        expect(title).to_contain_text(part)
    # What the browser sends with the next event is the same still.
    seed = page.get_by_label("随机种子", exact=True)
    seed.fill("7")
    expect(page.get_by_test_id("InputInstructions").get_by_text("按 Enter 应用")).to_be_visible()
    seed.blur()
    for part in ("在输出处读取", "40 个样本", "随机种子 7"):
        expect(title).to_contain_text(part)
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_contain_text("上传")
    expect(page.get_by_role("button", name="关于读取点的说明")).to_be_visible()

    page.get_by_role("button", name="English").click()
    expect(title).to_contain_text("read at the output, 40 samples, seed 7")
    expect(page.get_by_test_id("stFileUploaderDropzone")).to_contain_text("Upload")
    expect(page.get_by_role("button", name="Help for Tap")).to_be_visible()


def test_in_another_language_the_open_tab_stays_open(shown):
    shown.get_by_role("tab", name="Share").click()
    address = shown.get_by_text("/compute?run=").first
    expect(address).to_be_visible()
    settled(shown)
    shown.get_by_role("button", name="Your name").click()
    shown.get_by_role("button", name="简体中文").click()
    expect(shown.locator("html")).to_have_attribute("lang", "zh-Hans")
    settled(shown)
    expect(shown).to_have_url(re.compile("tab=Share"))
    expect(address).to_be_visible()


def test_whoever_opens_a_run_loads_nothing_for_what_is_closed(shown, visitor):
    asked = []
    page = visitor("/health")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(shown.url)
    expect(page.locator(".st-key-answer")).to_be_visible()
    settled(page)
    kinds = re.compile(r"/(FileUploader|Selectbox|NumberInput|Checkbox|ButtonGroup|Plotly)[^/]*[.]js")
    assert any("/TextArea." in url for url in asked)  # that of the prompt: this is how such files are called
    assert [url for url in asked if kinds.search(url)] == []
    open_advanced(page)
    expect(page.get_by_label("Seed", exact=True)).to_be_visible()
    expect(page.locator(".st-key-form-tap").get_by_text("output")).to_be_visible()
    assert {found[1] for url in asked if (found := kinds.search(url))} >= {"Selectbox", "NumberInput", "ButtonGroup"}
