"""Uploads as people see them: files of any name, one that the server refuses, and a choice of brightness."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.serving import server
from tests.browser.test_dashboard import paste, scene_file, shows
from tests.browser.waiting import settled

INPUT = "input[type=file]"


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A server that holds 2 MB of uploads for each visitor."""
    folder = tmp_path_factory.mktemp("small")
    with server(folder, settings={"WORKERS": "0", "UPLOAD_MB_PER_VISITOR": "2", "MAX_UPLOAD_MB": "3"}) as address:
        yield address


def noise(side: int) -> dict[str, object]:
    """A picture that no compression makes smaller."""
    file = io.BytesIO()
    values = np.random.default_rng(side).integers(0, 255, (side, side, 3), dtype=np.uint8)
    Image.fromarray(values).save(file, "PNG")
    return {"name": f"noise-{side}.png", "mimeType": "image/png", "buffer": file.getvalue()}


def deep() -> dict[str, object]:
    """A picture of 16 bits, dark on the left and light on the right."""
    file = io.BytesIO()
    Image.fromarray(np.tile(np.linspace(500, 4000, 400), (200, 1)).astype(np.uint16)).save(file, "PNG")
    return {"name": "slice", "mimeType": "", "buffer": file.getvalue()}


def middle(page: Page) -> int:
    """How bright the middle of the small picture is that the form shows, 0 to 255."""
    return page.get_by_alt_text("The chosen picture").evaluate(
        """async picture => {
            await picture.decode();
            const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
            const context = canvas.getContext("2d");
            context.drawImage(picture, 0, 0);
            return context.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[0];
        }"""
    )


@pytest.mark.parametrize("path", ["/compute", "/batch"])
def test_why_the_server_refused_a_file_is_said_and_another_one_is_taken(visitor, small, path):
    page = visitor(small + path)
    page.locator(INPUT).set_input_files(noise(900))
    expect(page.get_by_text("You may have 2 MB of uploaded files here at once")).to_be_visible()
    settled(page)
    page.locator(INPUT).set_input_files(scene_file(1_700_003) | {"name": "photo", "mimeType": ""})
    expect(page.get_by_text("You may have 2 MB of uploaded files here at once")).to_be_hidden()
    expect(page.get_by_text("1 picture or video." if path == "/batch" else " pixels").first).to_be_visible()


def test_a_removed_file_gives_its_room_back(visitor, small):
    page = visitor(f"{small}/compute")
    for _ in range(3):
        page.locator(INPUT).set_input_files(noise(700))
        expect(page.get_by_text("700 × 700 pixels")).to_be_visible()
        settled(page)
        page.get_by_test_id("stFileChipDeleteBtn").get_by_role("button").click()
        expect(page.get_by_text("700 × 700 pixels")).to_be_hidden()
        settled(page)
    assert not page.get_by_test_id("stAlert").count()


def test_the_preview_shows_the_chosen_brightness_at_once(visitor, small):
    page = visitor(f"{small}/compute")
    page.locator(INPUT).set_input_files(deep())
    expect(page.get_by_text("400 × 200 pixels")).to_be_visible()
    settled(page)
    automatic = middle(page)
    page.get_by_role("combobox", name="Brightness").click()
    page.get_by_role("option", name="Full range").click()
    settled(page)
    full = middle(page)
    page.get_by_role("combobox", name="Brightness").click()
    page.get_by_role("option", name="Own range").click()
    page.get_by_label("White").fill("2300")
    page.get_by_label("White").press("Enter")
    expect(page.get_by_text("2300 (as you chose)")).to_be_visible()
    settled(page)
    assert full < 30 < automatic < 160 < 200 < middle(page)


DRAG = """() => {
    const carried = new DataTransfer();
    carried.items.add(new File(["a"], "a.png", {type: "image/png"}));
    document.body.dispatchEvent(new DragEvent("dragenter", {dataTransfer: carried, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def with_a_scene(visitor) -> Page:
    """A page whose form has a picture from elsewhere, and its upload put away."""
    page = visitor("/compute")
    page.locator(".st-key-start-use-0 button").click()
    shows(page)
    settled(page)
    expect(page.locator(".st-key-chosen-picture").get_by_text("Sample scene 1")).to_be_visible()
    expect(page.locator(INPUT)).to_have_count(0)
    return page


def test_a_picture_is_pasted_while_the_upload_is_put_away(with_a_scene):
    paste(with_a_scene, scene_file(1_700_003))
    expect(with_a_scene.locator(".st-key-chosen-picture").get_by_text("pasted.png")).to_be_visible()


def test_a_picture_that_is_dragged_over_the_page_finds_where_to_be_dropped(with_a_scene):
    with_a_scene.evaluate(DRAG)
    expect(with_a_scene.get_by_test_id("stFileUploaderDropzone")).to_be_visible()


def test_the_upload_that_is_put_away_opens_by_the_keyboard(with_a_scene):
    with_a_scene.locator(".st-key-form-another summary").focus()
    with_a_scene.keyboard.press("Enter")
    expect(with_a_scene.get_by_test_id("stFileUploaderDropzone")).to_be_visible()
    settled(with_a_scene)
    with_a_scene.locator(INPUT).set_input_files(scene_file(1_700_003))
    expect(with_a_scene.locator(".st-key-chosen-picture").get_by_text("my scene.png")).to_be_visible()
