"""How fast a stored run opens. Run by hand: `python -m tests.benchmarks.opening`.

A real server and a real Chromium, from the request until the map over the picture is on the screen.

- Cold: the address is opened in a browser that knows nothing, on a server process that has shown nothing.
  Beside it the same for a page of Streamlit's that shows one picture and does nothing else: what the
  browser needs to load Streamlit itself is not ours.
- Warm: a click on "Open" on Home, in a page that is open already.
"""

import argparse
import io
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from core.engine.explainer import Explainer
from core.inputs.pictures import load_picture
from core.models.checkpoints import describe_model
from core.scenes.scene import sample
from dashboard.jobs.persist import keep
from dashboard.jobs.pictures import ChosenPicture
from dashboard.jobs.question import Question
from dashboard.settings import Settings
from dashboard.storage.data_folder import open_storage
from tests.browser.serving import FLAGS, find_chromium, server

MAP = 'img[alt^="Heat of"], .viewer[data-shown]'
VIEWPORT = {"width": 1280, "height": 800}
PLAIN = """
import numpy as np
import streamlit as st

st.image(np.zeros((480, 640, 3), np.uint8), alt="Heat of nothing")
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", type=int, default=3)
    parser.add_argument("--clicks", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder)
        run = store_a_run(path / "data")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        plain = path / "plain.py"
        plain.write_text(PLAIN)
        colds, plains, warms, asked, asked_plain = [], [], [], [], []
        for _ in range(options.servers):
            with server(path, plain, until="health") as address:
                plains.append(_open_address(browser, address, asked_plain))
            with server(path, until="health") as address:
                colds.append(_open_address(browser, f"{address}/compute?run={run}", asked))
                warms += _open_by_click(browser, address, options.clicks)
        browser.close()
    cold, plain_cold, warm = (1000 * median(values) for values in (colds, plains, warms))
    print(
        f"cold, median of {options.servers} servers: {cold:.0f} ms; a plain page {plain_cold:.0f} ms, "
        f"hence {cold - plain_cold:.0f} ms of our own (goal: 500)"
    )
    requests, plain_requests = max(map(len, asked)), max(map(len, asked_plain))
    print(
        f"requests: {requests}, a plain page {plain_requests}, hence {requests - plain_requests} of our own (goal: 12)"
    )
    print(f"Plotly was loaded: {any('plotly' in each.lower() for each in asked[0])}")
    print(f"warm, median of {len(warms)} clicks: {warm:.0f} ms (goal: 300)")


def store_a_run(data: Path, **options) -> str:
    """Computes a run of the embedded model into a data folder; returns its name. Options as of `explain`."""
    scene = sample(1_700_001, "where")
    file = io.BytesIO()
    scene.image.save(file, "PNG")
    chosen = ChosenPicture("scene.png", file.getvalue(), load_picture(scene.image))
    card = describe_model(device="cpu")
    result = Explainer.from_pretrained(device="cpu").explain(chosen.picture, scene.question, **options)
    question = Question(result.request, chosen, card)
    outcome = keep(question, result, open_storage(Settings(data_folder=data)), seconds=1.0)
    assert outcome.kept
    return outcome.id


def _open_address(browser: Browser, address: str, asked: list[list[str]]) -> float:
    """Seconds until the map is seen; what was asked for until a second later is added to `asked`."""
    page = browser.new_context(viewport=VIEWPORT).new_page()
    asked.append([])
    # A blob is a script that the page itself holds: nobody is asked for it.
    page.on("request", lambda request: None if request.url.startswith("blob:") else asked[-1].append(request.url))
    started = time.perf_counter()
    page.goto(address, wait_until="commit")
    _see_the_map(page)
    seconds = time.perf_counter() - started
    page.wait_for_timeout(1_000)
    page.context.close()
    return seconds


def _open_by_click(browser: Browser, address: str, clicks: int) -> list[float]:
    page = browser.new_context(viewport=VIEWPORT).new_page()
    page.goto(address)
    seconds = []
    for _ in range(clicks):
        link = page.get_by_role("link", name="Open", exact=True).first
        link.wait_for(timeout=60_000)
        page.wait_for_timeout(1_000)  # a page that is still being drawn is not one that somebody clicks on
        started = time.perf_counter()
        link.click()
        _see_the_map(page)
        seconds.append(time.perf_counter() - started)
        page.get_by_role("link", name="Home", exact=True).click()
    page.context.close()
    return seconds[1:]  # the first click still loads what the browser needs


def _see_the_map(page: Page) -> None:
    page.locator(MAP).first.wait_for(timeout=60_000)


if __name__ == "__main__":
    main()
