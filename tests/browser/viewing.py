"""The viewer of a run as somebody in front of a browser sees it."""

import base64
import io

import numpy as np
from PIL import Image
from playwright.sync_api import Locator, Page, expect


def shows(page: Page, name: str = "combined") -> Locator:
    """The viewer, once it shows the map of that name, which is done: a method, with its layer where it has one."""
    viewer = page.locator(f".viewer[data-shown='{name}']:not([aria-busy])")
    expect(viewer).to_be_visible()
    return viewer


def pixels(page: Page) -> np.ndarray:
    """What it has drawn, uint8 [height, width, 3]."""
    drawn = page.locator(".viewer canvas.map").evaluate("canvas => canvas.toDataURL('image/png')")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(drawn.partition(",")[2]))).convert("RGB"))


def slide(page: Page, name: str, value: float) -> None:
    """Puts a slider of the viewer somewhere, as dragging does."""
    page.locator(f".viewer input.{name}").evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')) }", value
    )


def more(page: Page) -> None:
    """Opens the controls that are not in the slim bar."""
    page.locator(".viewer button.more").click()
    expect(page.locator(".viewer .extra")).to_be_visible()
