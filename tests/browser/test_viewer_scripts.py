"""Parts of the viewer by themselves: what is seen by a zoom, boxes over it, and the row of all layers."""

from pathlib import Path

import pytest

from dashboard.ui.drawing import scripts
from dashboard.ui.viewer import viewer

pytestmark = pytest.mark.browser

_FOLDER = Path(viewer.__file__).parent
ZOOM = scripts.joined(*scripts.LOOKING)
TILES = scripts.joined(_FOLDER / "tiles.js")
BOXES = scripts.joined(*scripts.LOOKING, *(_FOLDER / f"{name}.js" for name in ("address", "boxes")))


@pytest.fixture
def page(chromium):
    """An empty page."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def told(page, script, expression, *given):
    return page.evaluate(f"(given) => {{ {script}\n return {expression} }}", list(given))


def test_a_zoom_shows_nothing_beyond_the_picture(page):
    for zoom in ([0.5, 0.9, 0.1], [2, 0, 1], [4, 0.5, 0.99], [1000, 0.2, -3]):
        given = dict(zip(("scale", "x", "y"), zoom, strict=True))
        seen = told(page, ZOOM, "within(given[0])", given)
        half = 0.5 / seen["scale"]
        assert 1 <= seen["scale"] <= 40
        assert half <= seen["x"] <= 1 - half and half <= seen["y"] <= 1 - half
    assert told(page, ZOOM, "within(given[0])", {"scale": 2, "x": 0.4, "y": 0.6}) == {"scale": 2, "x": 0.4, "y": 0.6}


def test_what_lies_under_the_pointer_stays_there(page):
    zoom, place = {"scale": 2, "x": 0.5, "y": 0.5}, [0.4, 0.55]
    before = told(page, ZOOM, "shareOf(given[0], given[1])", zoom, place)
    closer = told(page, ZOOM, "zoomed(given[0], 1.25, given[1])", zoom, place)
    assert closer["scale"] == 2.5
    assert told(page, ZOOM, "shareOf(given[0], given[1])", closer, place) == pytest.approx(before)
    assert told(page, ZOOM, "placeAt(given[0], given[1])", closer, before) == pytest.approx(place)
    assert told(page, ZOOM, "zoomed(given[0], 0.1)", closer) == told(page, ZOOM, "WHOLE")


def test_moving_is_by_shares_of_what_is_seen_and_ends_at_the_edge(page):
    zoom = {"scale": 4, "x": 0.5, "y": 0.5}
    assert told(page, ZOOM, "moved(given[0], 0.2, -0.4)", zoom) == {"scale": 4, "x": 0.55, "y": 0.4}
    assert told(page, ZOOM, "moved(given[0], 9, 9)", zoom) == {"scale": 4, "x": 0.875, "y": 0.875}


def test_wheel_mouse_and_two_fingers_zoom_and_drag(page):
    page.set_content("<div id=stage style='position:absolute; left:100px; top:50px; width:400px; height:200px'></div>")
    page.evaluate(
        f"""() => {{ {ZOOM}
        const stage = document.querySelector("#stage")
        stage.setPointerCapture = () => {{}}
        window.zoom = {{ ...WHOLE }}
        followPointers(stage, (element, kind, act, options) => element.addEventListener(kind, act, options),
            () => window.zoom, (zoom) => (window.zoom = zoom), (at) => (window.at = at))
        window.send = (kind, id, x, y) => stage.dispatchEvent(new PointerEvent(
            kind, {{ pointerId: id, clientX: x, clientY: y, pointerType: "touch" }}))
        }}"""
    )
    page.mouse.move(200, 100)
    assert page.evaluate("at") == pytest.approx([0.25, 0.25])
    page.mouse.wheel(0, -100)  # the page scrolls
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    page.wait_for_function("zoom.scale > 1")
    assert page.evaluate("zoom.scale") == 1.25
    page.evaluate("zoom = { scale: 2, x: 0.5, y: 0.5 }")
    page.mouse.down()
    page.mouse.move(160, 100)
    assert page.evaluate("zoom") == pytest.approx({"scale": 2, "x": 0.55, "y": 0.5})
    page.mouse.up()
    page.evaluate("""() => { zoom = { scale: 1, x: 0.5, y: 0.5 }
        send("pointerdown", 7, 280, 150); send("pointerdown", 8, 320, 150); send("pointermove", 8, 360, 150) }""")
    assert page.evaluate("zoom.scale") == pytest.approx(2)
    page.evaluate("""() => { send("pointerup", 7, 280, 150); send("pointerup", 8, 360, 150) }""")
    page.mouse.dblclick(300, 150)
    assert page.evaluate("zoom") == told(page, ZOOM, "WHOLE")


def test_a_row_of_tiles_opens_marks_and_chooses(page):
    page.set_content("<div id=row hidden></div><button id=button aria-expanded=false></button>")
    page.evaluate(
        f"""() => {{ {TILES}
        window.drawn = []
        window.shown = 3
        window.numbers = [2, 3, 5]
        window.tiles = tilesOf(document.querySelector("#row"), document.querySelector("#button"), 2, {{
            maps: () => numbers,
            draw: (canvas, number) => drawn.push([number, canvas.width, canvas.height]),
            title: (number) => "<b>" + number,
            shown: () => shown,
            choose: (number) => (shown = number, tiles.mark()),
        }}) }}"""
    )
    page.evaluate("tiles.redraw()")
    assert page.evaluate("drawn") == []  # closed ones cost nothing
    assert page.evaluate("tiles.open(true)") is True
    assert page.evaluate("drawn") == [[2, 150, 75], [3, 150, 75], [5, 150, 75]]
    row = page.locator("#row button")
    assert row.all_inner_texts() == ["<b>2", "<b>3", "<b>5"]
    assert row.evaluate_all("all => all.map((each) => each.ariaCurrent)") == ["false", "true", "false"]
    row.nth(2).click()
    assert row.evaluate_all("all => all.map((each) => each.ariaCurrent)") == ["false", "false", "true"]
    assert page.locator("#button").get_attribute("aria-expanded") == "true"
    page.evaluate("numbers = []")
    assert page.evaluate("tiles.open(true)") is False and page.locator("#row").is_hidden()


def test_boxes_lie_where_they_are_in_what_is_seen_and_their_labels_are_text(page):
    page.set_content(
        f"""<style>{(_FOLDER / "viewer.css").read_text("utf-8")}</style>
        <div class=stage style="position:absolute; left:100px; top:50px; width:400px; height:200px">
        <div class=marks></div></div>"""
    )
    page.evaluate(
        f"""() => {{ {BOXES}
        window.boxes = boxesOver(document.querySelector(".marks"), [
            {{ number: 1, label: "<b>cat</b>", corners: [0.25, 0.5, 0.75, 1] }},
            {{ number: 3, label: "", corners: [0.5, 0.5] }}])
        window.whole = {{ boxes: true, alone: false, zoom: WHOLE }}
        boxes.place(whole) }}"""
    )

    def places():
        return [each.bounding_box() for each in page.locator(".frame").all()]

    assert page.locator(".frame span").all_inner_texts() == ["1 <b>cat</b>", "3"]
    box, point = places()
    assert box == {"x": 200, "y": 150, "width": 200, "height": 100}
    assert (point["x"] + point["width"] / 2, point["y"] + point["height"] / 2) == (300, 150)
    # Twice as large around a place at the right: the box begins at the left edge of what is seen.
    page.evaluate("boxes.place({ ...whole, zoom: { scale: 2, x: 0.5, y: 0.75 } })")
    assert places()[0] == {"x": 100, "y": 50, "width": 400, "height": 200}
    for hidden in ("boxes: false", "alone: true"):
        page.evaluate(f"boxes.place({{ ...whole, {hidden} }})")
        assert not page.locator(".frame").first.is_visible()
    page.evaluate("boxes.place(whole)")
    assert page.locator(".frame").first.is_visible()


def test_the_address_says_where_boxes_are_hidden(page):
    head = {"maps": [{"method": "combined", "layer": None}], "first": 0, "colours": {}}
    head["usual"] = {"opacity": 0.8, "colormap": "inferno"}
    hidden = [told(page, BOXES, "viewOf(given[0], given[1]).boxes", head, text) for text in ("", "?marks=no-boxes")]
    assert hidden == [True, False]


def test_a_view_ends_with_all_that_it_listens_to_and_has_set_going(page):
    """Its end is heard, which a listener that ends with the signal never does."""
    script = f"""{ZOOM}
        const ended = new AbortController()
        const told = []
        listening(ended.signal)(window, "resize", () => told.push("resized"))
        whenOver(ended.signal, () => told.push("over"))
        window.dispatchEvent(new Event("resize"))
        ended.abort()
        window.dispatchEvent(new Event("resize"))
        whenOver(ended.signal, () => told.push("over already"))"""
    assert told(page, script, "told") == ["resized", "over", "over already"]
