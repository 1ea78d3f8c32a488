"""The main job in a real browser: upload, run, look, share, take away."""

import base64
import io
import json
import re
import zipfile

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.scenes.scene import sample
from tests.browser.serving import server
from tests.browser.viewing import shows
from tests.browser.waiting import becomes, settled
from tests.waiting import wait_until

pytestmark = pytest.mark.browser

ADVANCED = ("Method", "Noise samples", "What is explained")
"""The fields that tests choose in and that are hidden at first."""


def scene_file(seed: int) -> dict:
    """A scene as a file to be uploaded."""
    data = io.BytesIO()
    sample(seed, "where").image.save(data, "PNG")
    return {"name": "my scene.png", "mimeType": "image/png", "buffer": data.getvalue()}


def upload(page: Page, file: dict) -> None:
    page.locator("input[type=file]").set_input_files(file)


def ask(page: Page, prompt: str) -> None:
    box = page.get_by_label("Prompt", exact=True)
    box.fill(prompt)
    box.blur()
    run(page)


def run(page: Page) -> None:
    settled(page)
    page.get_by_role("button", name="Run", exact=True).click()


def open_advanced(page: Page) -> None:
    """Shows the fields that are hidden at first, unless they are shown."""
    settled(page)
    advanced = page.locator(".st-key-advanced details")
    if advanced.get_attribute("open") is None:
        advanced.locator("summary").click()
    expect(page.get_by_role("combobox", name="Method")).to_be_visible()


def choose(page: Page, field: str, option: str) -> None:
    if field in ADVANCED:
        open_advanced(page)
    box = page.get_by_role("combobox", name=field)
    options = page.get_by_role("listbox").get_by_role("option")  # and not those of the viewer's own fields

    def chosen() -> bool:
        box.evaluate("element => element.scrollIntoView({block: 'center'})")
        settled(page)
        box.fill(option)
        try:
            expect(options.first).to_contain_text(option, timeout=5_000)
            page.keyboard.press("Enter")
            expect(options).to_have_count(0, timeout=5_000)
            box.blur()  # what was typed and not chosen goes
            settled(page)
            expect(box).to_have_value(re.compile(re.escape(option)), timeout=5_000)
        except AssertionError:  # scrolling, and whatever moves the page, closes the list or takes its choice away
            page.keyboard.press("Escape")
            box.fill("")
            page.keyboard.press("Escape")
            return False
        return True

    wait_until(chosen)


def set_samples(page: Page, number: int) -> None:
    settled(page)
    choose(page, "Noise samples", "Custom")
    count = page.get_by_label("Number of samples", exact=True)
    count.fill(str(number))
    count.blur()


def shorten_answers(page: Page, tokens: int) -> None:
    open_advanced(page)
    longest = page.get_by_label("Longest answer, tokens", exact=True)
    longest.fill(str(tokens))
    longest.blur()


def answer(page: Page) -> str:
    shown = page.locator(".st-key-answer .chips")
    expect(shown).to_be_visible()
    return shown.inner_text()


def test_the_first_visitor_of_a_server_may_come_to_any_page(visitor, tmp_path):
    with server(tmp_path) as address:
        page = visitor(f"{address}/history")
        expect(page.get_by_text("There are no runs yet")).to_be_visible()
        for name in ("Home", "Compute", "Compare", "History"):
            expect(page.get_by_role("link", name=name, exact=True)).to_be_visible()


def test_a_file_is_uploaded_run_scrubbed_shared_and_taken_away(visitor):
    page = visitor("/compute")
    upload(page, scene_file(1_700_001))
    expect(page.get_by_text("my scene.png").first).to_be_visible()
    shorten_answers(page, 8)
    ask(page, "Where is the circle? **not bold**")
    shows(page)
    said = answer(page)
    assert "From the store" not in page.locator(".st-key-facts").inner_text()
    expect(page.locator(".st-key-answer-panel").get_by_text("**not bold**")).to_be_visible()

    # The scrubber: by keyboard, from stored heat, into the address.
    page.get_by_role("slider", name="Layer").focus()
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    shows(page, "gradient_deviation-2")
    expect(page).to_have_url(re.compile(r"run=[0-9a-f]{16}.*layer=2|layer=2.*run=[0-9a-f]{16}"))

    page.get_by_role("tab", name="Parameters").click()
    expect(page.get_by_text("The same on the command line")).to_be_visible()
    expect(page).to_have_url(re.compile("tab=Parameters"))

    # A colleague opens the same address.
    other = visitor(page.url)
    shows(other, "gradient_deviation-2")
    expect(other.get_by_text("From the store")).to_be_visible()
    expect(other.get_by_text("The same on the command line")).to_be_visible()
    assert answer(other) == said
    expect(other.get_by_label("Prompt", exact=True)).to_have_value("Where is the circle? **not bold**")
    expect(other.get_by_text("my scene.png").first).to_be_visible()
    expect(other.get_by_text("Stored already: opens at once")).to_be_visible()

    # Downloads.
    files = {kind: download(other, kind) for kind in ("PNG", "NPZ", "ZIP")}
    png = Image.open(io.BytesIO(files["PNG"]))
    assert (png.format, png.size) == ("PNG", sample(1_700_001, "where").image.size)
    with np.load(io.BytesIO(files["NPZ"]), allow_pickle=False) as numbers:
        assert numbers["heat"].shape == numbers["stderr"].shape and len(numbers["heat"]) == 8
        assert numbers["heat"].max() > 0
        assert json.loads(str(numbers["description"]))["request"]["prompt"] == "Where is the circle? **not bold**"
    with zipfile.ZipFile(io.BytesIO(files["ZIP"])) as archive:
        assert archive.testzip() is None and len(archive.namelist()) == 26


def download(page: Page, kind: str) -> bytes:
    settled(page)
    page.get_by_role("tab", name="Take away").click()
    button = page.locator(".st-key-downloads").get_by_role("button", name=kind).first
    with page.expect_download() as waiting:
        button.click()
    return waiting.value.path().read_bytes()


def test_a_bad_file_is_one_sentence_and_nothing_is_lost(visitor):
    page = visitor("/compute")
    page.get_by_label("Prompt", exact=True).fill("what is this")
    upload(page, {"name": "notes.png", "mimeType": "image/png", "buffer": b"these are notes"})
    expect(page.get_by_text("This file is not a picture that can be read.")).to_be_visible()
    expect(page.get_by_label("Prompt", exact=True)).to_have_value("what is this")
    upload(page, scene_file(1_700_002))
    expect(page.get_by_text("336 × 252 pixels")).to_be_visible()
    expect(page.get_by_text("notes.png: This file is not a picture that can be read.")).to_be_visible()
    page.get_by_role("button", name="Remove notes.png").click()
    expect(page.get_by_text("This file is not a picture that can be read.")).to_have_count(0)
    expect(page.get_by_text("336 × 252 pixels")).to_be_visible()


PASTE = """(data) => {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const clipboard = new DataTransfer();
    clipboard.items.add(new File([bytes], "pasted.png", {type: "image/png"}));
    const options = {clipboardData: clipboard, bubbles: true, cancelable: true};
    document.body.dispatchEvent(new ClipboardEvent("paste", options));
}"""


def paste(page: Page, file: dict) -> None:
    """Pastes a picture once the page listens, which only `paste.js` knows."""
    settled(page)
    becomes(page, "Symbol.for('smooth-gradcam-paste') in document")
    page.evaluate(PASTE, base64.b64encode(file["buffer"]).decode())
    expect(page.get_by_text("pasted.png").first).to_be_visible()


def test_pictures_are_pasted_uploaded_and_asked_at_once(visitor):
    page = visitor("/compute")
    expect(page.get_by_text("upload a picture or a video on the left")).to_be_visible()
    paste(page, scene_file(1_700_003))
    expect(page.get_by_text("336 × 224 pixels")).to_be_visible()
    upload(page, scene_file(1_700_004))
    expect(page.get_by_text("2 pictures: Run asks about each of them.")).to_be_visible()
    shorten_answers(page, 4)
    ask(page, "Where is the circle?")
    expect(page.get_by_text("Asked at once: 2 pictures, 2 done.")).to_be_visible()
    shows(page)
    settled(page)
    page.get_by_role("button", name="my scene.png", exact=True).click()
    expect(page.get_by_role("button", name="my scene.png", exact=True)).to_have_attribute("kind", "primary")

    # A reload, or a colleague, sees the same strip.
    other = visitor(page.url)
    expect(other.get_by_text("Asked at once: 2 pictures, 2 done.")).to_be_visible()


DROP = """([data, zone]) => {
    const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
    const carried = new DataTransfer();
    carried.items.add(new File([bytes], "dropped.png", {type: "image/png"}));
    for (const kind of ["dragenter", "dragover", "drop"])
        zone.dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


def test_the_form_is_filled_by_a_drop_a_scene_an_example_and_what_was_used_before(visitor):
    page = visitor("/compute")
    expect(page.get_by_text("upload a picture or a video on the left")).to_be_visible()
    settled(page)
    zone = page.get_by_test_id("stFileUploaderDropzone").element_handle()
    page.evaluate(DROP, [base64.b64encode(scene_file(1_700_005)["buffer"]).decode(), zone])
    expect(page.get_by_alt_text("The chosen picture")).to_be_visible()
    expect(page.get_by_text("dropped.png").first).to_be_visible()
    settled(page)

    box = page.get_by_label("Prompt", exact=True)
    page.get_by_role("button", name="Recent").click()
    page.get_by_role("tab", name="Prompts").click()
    page.get_by_role("button", name="请详细描述这张图片中的主要内容。").click()
    expect(box).to_have_value("请详细描述这张图片中的主要内容。")
    expect(page.get_by_role("tab", name="Prompts")).to_have_count(0)
    shorten_answers(page, 4)
    choose(page, "Noise samples", "Quick")
    ask(page, "Where was it dropped?")
    shows(page)
    settled(page)

    shown = page.url
    page.get_by_role("button", name="Scenes", exact=True).click()
    page.locator(".st-key-dialog-use-2 button").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_text("Sample scene 3").first).to_be_visible()
    page.wait_for_url(lambda url: "run=" in url and url != shown)
    expect(box).to_have_value("How many crosses do you see?")
    shows(page)
    expect(page.locator("[class*=st-key-cancel-]")).to_have_count(0)
    settled(page)
    page.get_by_role("button", name="Recent").click()
    page.get_by_role("button", name="dropped.png").click()
    expect(page.locator(".st-key-chosen-picture").get_by_text("Sample scene 3")).to_have_count(0)
    settled(page)
    page.get_by_role("button", name="Recent").click()
    page.get_by_role("tab", name="Prompts").click()
    page.get_by_role("button", name="Where was it dropped?").click()
    expect(box).to_have_value("Where was it dropped?")
    expect(page.get_by_text("Stored already: opens at once")).to_be_visible()


def test_two_visitors_share_one_job_and_the_last_one_can_stop_it(visitor):
    anna = visitor("/compute")
    choose(anna, "Method", "Combined map")
    set_samples(anna, 1000)  # enough to be stopped on any machine
    settled(anna)
    anna.locator(".st-key-start-use-0 button").click()
    expect(anna.locator("[class*=st-key-cancel-]")).to_be_visible()
    expect(anna).to_have_url(re.compile("run="))

    ben = visitor(anna.url)
    expect(
        ben.locator("[class*='st-key-progress-']").get_by_text(re.compile(r"Noise sample \d+ of 1000, about"))
    ).to_be_visible()
    expect(anna.get_by_text("Somebody else waits for the same run")).to_be_visible()
    anna.locator("[class*=st-key-cancel-] button").click()
    expect(anna.get_by_text("You no longer wait for that run.")).to_be_visible()
    expect(ben.get_by_text("Somebody else waits for the same run")).to_have_count(0)

    # A reload finds the running job again.
    ben.reload()
    expect(ben.locator("[class*=st-key-cancel-]")).to_be_visible()
    settled(ben)
    ben.locator("[class*=st-key-cancel-] button").click()
    expect(
        ben.get_by_text(re.compile(r"The run was stopped: this is a run of \d+ samples instead of 1000"))
    ).to_be_visible()
    shows(ben, "combined")


def test_other_pages_answer_while_a_job_runs(visitor):
    page = visitor("/compute")
    choose(page, "Method", "Occlusion")
    set_samples(page, 1000)
    settled(page)
    page.locator(".st-key-start-use-1 button").click()
    expect(page.locator("[class*=st-key-cancel-]")).to_be_visible()
    expect(visitor("/history").get_by_role("heading", name="History")).to_be_visible()
    expect(page.locator("[class*=st-key-cancel-]")).to_be_visible()
    page.locator("[class*=st-key-cancel-] button").click()
    expect(page.get_by_text("The run was stopped").first).to_be_visible()


def test_a_phrase_is_explained_and_every_word_is_mapped(visitor):
    page = visitor("/compute")
    upload(page, scene_file(1_700_004))
    expect(page.get_by_text("my scene.png").first).to_be_visible()
    settled(page)
    choose(page, "Noise samples", "Quick")
    choose(page, "What is explained", "A phrase of the answer")
    phrase = page.get_by_label("Phrase", exact=True)
    phrase.fill("no such words")
    phrase.blur()
    ask(page, "Describe this image.")
    expect(page.get_by_text(re.compile("no such words.* are not in the answer")).first).to_be_visible()
    settled(page)
    phrase.fill("in")
    phrase.blur()
    run(page)
    shows(page)
    expect(page.locator(".st-key-answer").get_by_text('Explained: the word "in"')).to_be_visible()

    page.get_by_role("tab", name="Words").click()
    page.get_by_role("button", name="Map every word").click()
    expect(page.locator(".st-key-word-strip img").nth(5)).to_be_visible()
    settled(page)
    page.locator(".st-key-word").get_by_text(re.compile("^2: ")).click()
    expect(page.get_by_text("Where \u201cthe\u201d comes from")).to_be_visible()
    settled(page)
    page.get_by_role("button", name="Ask for this word at every layer").click()
    expect(page.locator(".st-key-answer").get_by_text("Explained: token 1")).to_be_visible()
    expect(page.get_by_label("From token", exact=True)).to_have_value("1")
    settled(page)
    page.get_by_role("tab", name="Methods").click()
    page.get_by_role("button", name="Compare all methods").click()
    expect(page.get_by_text("TAM", exact=True)).to_be_visible()


def test_history_opens_a_run_and_compares_several(visitor):
    for prompt in ("Where is the star?", "星形在哪里？"):
        page = visitor("/compute")
        upload(page, scene_file(1_700_003))
        expect(page.get_by_text("my scene.png").first).to_be_visible()
        shorten_answers(page, 4)
        ask(page, prompt)
        shows(page)

    page = visitor("/history?search=星形")
    expect(page.get_by_text("One run", exact=True)).to_be_visible()
    select_row(page, 0)
    page.locator(".st-key-open-run button").click()
    expect(page.get_by_text("From the store")).to_be_visible()
    expect(page.locator(".st-key-answer-panel").get_by_text("星形在哪里？")).to_be_visible()

    page = visitor("/history")
    expect(page.locator(".st-key-history-foot").get_by_text(re.compile(r"\d+ runs"))).to_be_visible()
    select_row(page, 0)
    expect(page.locator(".st-key-open-run")).to_be_visible()
    select_row(page, 1)
    expect(page.locator(".st-key-open-run")).to_have_count(0)
    page.locator(".st-key-compare-runs button").click()
    expect(page.get_by_text("A, combined map")).to_be_visible()
    expect(page.get_by_text("B, combined map")).to_be_visible()
    expect(page.locator(".st-key-compare-chart .scatterlayer .trace").first).to_be_visible()
    expect(page.locator(".st-key-compare-chart .scatterlayer .trace")).to_have_count(4)
    expect(page).to_have_url(re.compile("runs="))

    shared = visitor(page.url)
    expect(shared.get_by_text("B, combined map")).to_be_visible()


def select_row(page: Page, row: int) -> None:
    """Ticks the box at the left of a row; the table is a canvas, so by its place."""
    table = page.get_by_test_id("stDataFrame").first
    expect(table.locator("canvas").first).to_be_visible()
    settled(page)
    table.click(position={"x": 16, "y": 36 + 56 * row + 28})
