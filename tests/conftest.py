"""What many tests share: the embedded model, loaded once, and a few small pictures."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from PIL import Image

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # no test may reach for the network
# Processes that tests start find project and tests wherever they begin. Their working folder would not always do: once
# Dask has started workers, PYTHONSAFEPATH is left behind.
os.environ["PYTHONPATH"] = str(Path(__file__).parents[1])
# The models here are small: several threads would mostly wait for each other where the cores are busy.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# An example takes as long as the machine's other programs leave it: slowness is no failure.
hypothesis.settings.register_profile("patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("patient")


@pytest.hookimpl(optionalhook=True)  # of pytest-xdist, for whoever has it
def pytest_xdist_make_scheduler(config, log):
    """Where several processes run the tests, each file is one's alone, and one of them has all that drive a browser.

    Two browsers with two servers and their workers would wait for each other longer than people do.
    """
    from xdist.scheduler import LoadScopeScheduling

    class OneBrowser(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::")[0]
            return "browser" if file.startswith("tests/browser/") else file

    return OneBrowser(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test in the browser that fails is tried once more, and named in the summary; the second failure counts.

    Browser, page, server and workers share two cores with whatever else the machine does. No other test is tried again.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows why a test was tried again: its second try may fail at what the first one left, and hide the cause."""
    for report in terminalreporter.getreports("rerun"):
        terminalreporter.write_sep("_", f"first try of {report.nodeid}", red=True, bold=True)
        terminalreporter.line(report.longreprtext)


@pytest.fixture(autouse=True)
def the_same_main() -> Iterator[None]:
    """Puts back the module that Python was started with: a page under test takes its place.

    Processes that are spawned later would read the page's file, which is gone by then, and end.
    """
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def explainer():
    """The embedded model, shared; tests that change it must put it back."""
    from core import Explainer

    return Explainer.from_pretrained(device="cpu")


@pytest.fixture
def picture_bytes() -> bytes:
    """A small PNG with a gradient and a red block."""
    return encode(gradient_picture(168, 224), "PNG")


def gradient_picture(height: int, width: int) -> Image.Image:
    """A grey gradient with a red block in its upper left quarter."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:] = np.linspace(40, 220, width, dtype=np.uint8)[None, :, None]
    pixels[height // 8 : height // 3, width // 8 : width // 3] = (220, 30, 30)
    return Image.fromarray(pixels)


def encode(image: Image.Image, format_: str, **options) -> bytes:
    """The bytes of a picture file."""
    import io

    buffer = io.BytesIO()
    image.save(buffer, format_, **options)
    return buffer.getvalue()
