"""How fast the viewer and Compare's panes are, and how much room a map takes, by hand.

`python -m tests.benchmarks.viewer`

A real server and a real Chromium, which draws without a GPU. Exit code 1 where a bar is missed.
"""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.opening import store_a_run
from tests.browser.serving import FLAGS, find_chromium, server

MOST_MILLISECONDS = 33.0
LEAST_SHARE = {(1440, 900): 0.4, (1024, 768): 0.3}
TIMES = 50
INPUTS = {
    "opacity": ("input", [0.2, 0.9]),
    "layer": ("input", [2, 5]),
    "threshold": ("input", [10, 40]),
    "colormap": ("change", ["jet", "viridis"]),
}
"""What is moved -> the event that says so, and two values, one after the other."""
OF_PANES = {"map" if name == "layer" else name: told for name, told in INPUTS.items()}
"""The same of two runs beside each other, their difference, and one over the other."""

MEASURE = """async ([place, name, kind, values, times]) => {
    const root = [...document.querySelectorAll("*")].map(e => e.shadowRoot?.querySelector(place)).find(Boolean)
    const control = root.querySelector(`.${name}`)
    const seconds = []
    for (let i = 0; i < times; i++) {
        const before = root.dataset.frames
        control.value = values[i % 2]
        const began = performance.now()
        control.dispatchEvent(new Event(kind))
        while (root.dataset.frames === before) await new Promise(done => setTimeout(done, 0))
        seconds.push(performance.now() - began)
    }
    return seconds.sort((a, b) => a - b)[times / 2]
}"""


def main() -> int:
    """Measures, prints, and returns the exit code."""
    missed = []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder)
        run, other = store_a_run(path / "data"), store_a_run(path / "data", seed=1)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        with server(path, until="health") as address:
            link = f"{address}/compute?run={run}"
            missed += _moved(browser, link, ".viewer", INPUTS)
            pair = f"{address}/compare?runs={run},{other}&show=A against B"
            missed += _moved(browser, pair, ".panes", OF_PANES)
            for size, least in LEAST_SHARE.items():
                share = _share(_open(browser, link, size, ".viewer")[0], size)
                print(f"{share:.1%} of the first screen of {size[0]} x {size[1]}, a square picture")
                missed += ["share"] if share < least else []
        browser.close()
    print("every bar was kept" if not missed else f"missed: {', '.join(missed)}")
    return int(bool(missed))


def _moved(browser: Browser, link: str, place: str, inputs: dict[str, tuple[str, list]]) -> list[str]:
    """Moves every control, prints how long that takes, and returns what missed its bar."""
    page, sent = _open(browser, link, (1440, 900), place)
    before, missed = len(sent), []
    for name, (kind, values) in inputs.items():
        median = page.evaluate(MEASURE, [place, name, kind, values, TIMES])
        print(f"{place:<8} {name:<10} {median:5.1f} ms from input to changed pixels, median of {TIMES}")
        missed += [f"{place} {name}"] if median > MOST_MILLISECONDS else []
    page.wait_for_timeout(1000)
    print(f"{place:<8} {len(sent) - before} messages to the server meanwhile")
    return missed + ([f"{place} messages"] if len(sent) > before else [])


def _open(browser: Browser, link: str, size: tuple[int, int], place: str) -> tuple[Page, list[object]]:
    page = browser.new_context(viewport={"width": size[0], "height": size[1]}).new_page()
    sent: list[object] = []
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(frame)))
    page.goto(link)
    page.locator(f"{place}[data-shown]").wait_for(timeout=60_000)
    page.wait_for_timeout(3000)
    return page, sent


def _share(page: Page, size: tuple[int, int]) -> float:
    box = page.locator(".viewer .stage").bounding_box()
    width = min(box["x"] + box["width"], size[0]) - box["x"]
    height = min(box["y"] + box["height"], size[1]) - box["y"]
    return width * height / (size[0] * size[1])


if __name__ == "__main__":
    sys.exit(main())
